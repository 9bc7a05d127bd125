import Glibc

/// What standard output leads to, as far as it matters for how text looks.
struct Terminal: Sendable {
    /// Whether somebody looks at it, and lines may be drawn anew.
    let isInteractive: Bool
    /// Whether words may have colours.
    let hasColours: Bool
    /// Characters in a line.
    let columns: Int

    /// Colours by their codes of ECMA-48.
    enum Colour: Int {
        case red = 31
        case green = 32
        case yellow = 33
    }

    init(isInteractive: Bool, hasColours: Bool, columns: Int) {
        (self.isInteractive, self.hasColours, self.columns) = (isInteractive, hasColours, columns)
    }

    /// That of this process, as it is now. `NO_COLOR` with any value turns colours off, as does `TERM=dumb`, which cannot draw anew
    /// either.
    static func output(environment: (String) -> String?) -> Terminal {
        let isInteractive = isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb"
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return Terminal(
            isInteractive: isInteractive, hasColours: isInteractive && (environment("NO_COLOR") ?? "").isEmpty,
            columns: isKnown ? Int(size.ws_col) : 80)
    }

    /// The text in a colour, where there are colours.
    func coloured(_ text: String, _ colour: Colour?) -> String {
        guard hasColours, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    /// The text cut so that it fits into a line beside the cursor.
    func fitted(_ text: String) -> String {
        let room = max(1, columns - 1)
        return text.count <= room ? text : text.prefix(room - 1) + "…"
    }
}

extension String {
    /// With spaces up to a width in characters, behind it or before it.
    func padded(to width: Int, atEnd: Bool = true) -> String {
        let spaces = String(repeating: " ", count: max(0, width - count))
        return atEnd ? self + spaces : spaces + self
    }
}
