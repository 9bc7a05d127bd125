import Lifecycle
import ServiceHost

/// Shows that AWS works: on a terminal one line that is drawn anew each second, elsewhere one line a minute.
final class TerminalDisplay: WaitingDisplay {
    /// Time between two lines where nothing can be drawn anew, in seconds.
    static let lineSeconds = 60

    private let terminal: Terminal
    private let clock: MonotonicClock
    private let write: (String) -> Void
    private var usually = ""
    private var report: ProgressReport?
    private var reportedAt: Int64 = 0
    private var lastLine: (text: String, at: Int64)?

    /// - Parameter write: takes what is to be shown.
    init(_ terminal: Terminal, clock: MonotonicClock = .machine, write: @escaping (String) -> Void = writeOut) {
        (self.terminal, self.clock, self.write) = (terminal, clock, write)
    }

    func begin(_ what: String, usually: String) {
        self.usually = usually
        write(
            """
            \(what): this usually takes \(usually). You may close this: AWS goes on, events wait here, and
            `aws-provisioner status` shows how far it is; the same command waits again.

            """)
    }

    func show(_ report: ProgressReport) {
        (self.report, reportedAt) = (report, clock.nanoseconds)
        if terminal.isInteractive { draw() } else { printLine(report) }
    }

    /// Draws the line anew, with the time as it is now; to be called each second or so between two looks.
    func tick() {
        if terminal.isInteractive { draw() }
    }

    func end() {
        if terminal.isInteractive, report != nil { write("\r\u{1B}[K") }
        (report, lastLine) = (nil, nil)
    }

    private func draw() {
        guard let report else { return }
        let seconds = Int((clock.nanoseconds - reportedAt) / 1_000_000_000)
        var now = report
        now.elapsedSeconds += seconds
        now.nextLookSeconds = max(0, report.nextLookSeconds - seconds)
        let look = now.nextLookSeconds == 0 ? "looking" : "next look in \(now.nextLookSeconds) s"
        // What usually counts was said at the start: it goes first where the line is too narrow for all.
        let lines = [
            "\(now.text(usually: usually)), \(look)", "\(now.text(usually: "")), \(look)", now.text(usually: ""),
        ]
        write("\r\u{1B}[K" + (lines.first { $0.count < terminal.columns } ?? terminal.fitted(lines[2])))
    }

    /// What is new is told at once; what is not, once a minute.
    private func printLine(_ report: ProgressReport) {
        let stage = "\(report.stage ?? 0) \(report.name)"
        let isDue = lastLine.map {
            $0.text != stage || clock.nanoseconds - $0.at >= Int64(Self.lineSeconds) * 1_000_000_000
        }
        guard isDue ?? true else { return }
        lastLine = (stage, clock.nanoseconds)
        write("\(report.text(usually: usually))\n")
    }
}

extension ProgressReport {
    /// `stage 3 of 7: Creating a new environment, 6 min of usually 15 to 25 minutes`: what matters most stands first, as narrow
    /// terminals cut the end off.
    func text(usually: String) -> String {
        let stage = stage.map { "stage \($0)\(of.map { " of \($0)" } ?? ""): " } ?? ""
        return "\(stage)\(name), \(Self.duration(elapsedSeconds))" + (usually.isEmpty ? "" : " of usually \(usually)")
    }

    /// `45 s`, `6 min 5 s`, `1 h 12 min`.
    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3_600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        }
    }
}
