/// The text of a configuration file as people edit it: single values are replaced, and everything around them stays as it is.
public struct ConfigurationText: Sendable {
    /// A value that cannot be edited as asked, for people.
    public struct EditError: Error, Sendable, CustomStringConvertible {
        /// Why not, and what to do.
        public let description: String
    }

    /// The text itself.
    public let text: String
    /// What is read from it.
    public let file: ConfigurationFile
    private let scalars: [Unicode.Scalar]

    /// Reads a text that stands at `path`, or is to stand there.
    public init(_ text: String, path: String) {
        self.text = text
        file = ConfigurationFile(path: path, bytes: Array(text.utf8))
        // libyaml does not count a mark at the beginning.
        let all = Array(text.unicodeScalars)
        scalars = all.first == "\u{FEFF}" ? Array(all.dropFirst()) : all
    }

    /// Whether it is YAML to its end, so that it is known where values stand.
    public var isWhole: Bool { file.isWhole }

    /// The value of a key as it is written, a list with commas between its items; nil where it is not set.
    public subscript(name: String) -> String? { file.entries[name]?.text }

    /// The line of a key, counted from 1; nil where it is not set.
    public func line(of name: String) -> Int? { file.entries[name]?.line }

    /// All keys that are set, in the order of their lines.
    public var names: [String] {
        file.entries.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }.map(\.key)
    }

    /// The text with other values.
    ///
    /// - Parameter replacement: the new value for name and value of a key; nil to leave it.
    public func replacingValues(_ replacement: (_ name: String, _ text: String) -> String?) -> String {
        var result = scalars
        for value in file.values.reversed() {
            guard let new = replacement(value.name, value.text) else { continue }
            result.replaceSubrange(trimmed(value.scalars), with: placed(Self.literal(new), for: value).unicodeScalars)
        }
        return String(result)
    }

    /// The text with one key set, or taken out.
    ///
    /// - Parameters:
    ///   - value: nil takes the key out.
    ///   - isList: whether `value` holds items with commas between.
    /// - Throws: ``EditError`` where the text is written in a way that only a person should change.
    public func setting(_ name: String, to value: String?, isList: Bool = false) throws(EditError) -> String {
        let literal = value.map { isList ? Self.listLiteral($0) : Self.literal($0) }
        var result = scalars
        if let current = file.values.first(where: { $0.name == name }) {
            if let literal {
                result.replaceSubrange(
                    trimmed(current.scalars), with: placed(literal, for: current).unicodeScalars)
            } else if current.isInBraces {
                throw EditError(description: "\(name) stands in braces on line \(current.line): change it in the text")
            } else {
                result.removeSubrange(lineStart(current.keyScalar)..<lineEnd(trimmed(current.scalars).upperBound))
            }
            return String(result)
        }
        guard let literal else { return String(result) }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw EditError(description: "\(name) is no key of a section") }
        let siblings = file.values.filter { $0.name.hasPrefix(parts[0] + ".") && $0.keyColumn > 0 }
        if let last = siblings.last {
            if last.isInBraces {
                throw EditError(
                    description: "\(parts[0]) stands in braces on line \(last.line): add \(name) in the text")
            }
            insert(
                "\(indent(last.keyColumn))\(parts[1]): \(literal)\n", after: trimmed(last.scalars).upperBound, &result)
        } else if let start = file.emptySections[parts[0]] {
            insert("  \(parts[1]): \(literal)\n", after: start, &result)
        } else {
            insert("\(parts[0]):\n  \(parts[1]): \(literal)\n", after: scalars.count, &result)
        }
        return String(result)
    }

    /// Only the dashes of a list may stand right below its key; what comes in their place stands further in.
    private func placed(_ literal: String, for value: ConfigurationFile.Value) -> String {
        let start = value.scalars.lowerBound
        return start - lineStart(start) <= value.keyColumn ? "  " + literal : literal
    }

    private func indent(_ column: Int) -> String { String(repeating: " ", count: column) }

    /// Puts lines behind the line of a place.
    private func insert(_ lines: String, after place: Int, _ result: inout [Unicode.Scalar]) {
        let end = lineEnd(place)
        let isOpen = end > 0 && scalars[end - 1] != "\n"
        result.insert(contentsOf: ((isOpen ? "\n" : "") + lines).unicodeScalars, at: end)
    }

    private func lineStart(_ place: Int) -> Int {
        (scalars[..<place].lastIndex(of: "\n") ?? -1) + 1
    }

    /// Behind the newline.
    private func lineEnd(_ place: Int) -> Int {
        (scalars[place...].firstIndex(of: "\n") ?? scalars.count - 1) + 1
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var end = min(range.upperBound, scalars.count)
        while end > range.lowerBound, scalars[end - 1].properties.isWhitespace { end -= 1 }
        return range.lowerBound..<end
    }

    /// A value as it is written in YAML, on one line.
    static func literal(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-".utf8.contains(byte)
            }
        }
        if isPlain, let first = text.utf8.first, first != UInt8(ascii: "-"), text != "null" { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func listLiteral(_ text: String) -> String {
        let items = text.split(separator: ",").map { literal(String($0.trimmingSpaces)) }
        return "[" + items.joined(separator: ", ") + "]"
    }
}

extension String {
    fileprivate init(_ scalars: [Unicode.Scalar]) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
