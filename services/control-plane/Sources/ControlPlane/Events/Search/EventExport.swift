import CivilTime
import EventStore
import HTTPServer
import JSON
import Synchronization

/// Events as a file, made piece by piece while it is downloaded.
struct EventExport: BodyProducer {
    static let eventsMax = 10_000
    private static let eventsPerPiece = 100
    private static let columns = [
        "time", "type", "severity", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "app", "sensor", "sid",
        "signature", "summary", "id",
    ]

    let query: Query
    let isTable: Bool
    let readers: EventReaders
    let turn: ExportTurns.Turn
    private var window = EventReader.Window()
    private var count = 0
    private var isOver = false
    private var isBegun = false

    init(query: Query, isTable: Bool, readers: EventReaders, turn: ExportTurns.Turn) {
        (self.query, self.isTable, self.readers, self.turn) = (query, isTable, readers, turn)
    }

    /// The next events; none when the time of a question was over before one was found: others come first then.
    mutating func next() throws -> [UInt8]? {
        guard !isOver, count < Self.eventsMax else {
            turn.end()
            return nil
        }
        var piece: [UInt8] = []
        if isTable, !isBegun { piece += Array((Self.columns.joined(separator: ",") + "\r\n").utf8) }
        isBegun = true
        let wanted = min(Self.eventsPerPiece, Self.eventsMax - count)
        let (bytes, found, outcome) = try readers.read { [query, window, isTable] reader in
            var bytes: [UInt8] = []
            var found = 0
            let outcome = try reader.find(query, in: window) { event, document in
                guard let document else { return true }
                if isTable {
                    Self.appendLine(event, document, to: &bytes)
                } else {
                    event.withDocument { bytes += $0 }
                    bytes.append(UInt8(ascii: "\n"))
                }
                found += 1
                return found < wanted
            }
            return (bytes, found, outcome)
        }
        piece += bytes
        count += found
        if let last = outcome.last { window.before = last }
        isOver = found < wanted && (outcome.isComplete || outcome.last == nil)
        return piece
    }

    private static func appendLine(_ event: VisitedEvent, _ document: JSONNode, to bytes: inout [UInt8]) {
        let eve = document["suricata"]?["eve"]
        let values: [String?] = [
            UTCTimestamp(event.timestamp).description, event.eventType, event.severity.map(String.init),
            document["source"]?["ip"]?.text, document["source"]?["port"]?.text, document["destination"]?["ip"]?.text,
            document["destination"]?["port"]?.text, document["network"]?["transport"]?.text,
            document["network"]?["protocol"]?.text, document["observer"]?["name"]?.text,
            eve?["alert"]?["signature_id"]?.text, document["rule"]?["name"]?.text, EventSummary.text(document),
            event.id,
        ]
        bytes += Array((values.map { cell($0 ?? "") }.joined(separator: ",") + "\r\n").utf8)
    }

    /// Spreadsheets take what begins so for a formula, and on the wire anybody can write one.
    private static let formulaSigns = Set("=+-@\t\r\n".utf8)

    static func cell(_ text: String) -> String {
        let safe = text.utf8.first.map(formulaSigns.contains) ?? false ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// One export at a time: each may keep a thread and a reader busy for minutes.
final class ExportTurns: Sendable {
    private let isTaken = Mutex(false)

    /// The turn of one export, which ends with it at the latest.
    final class Turn: Sendable {
        private let turns: ExportTurns
        private let isOver = Mutex(false)

        fileprivate init(_ turns: ExportTurns) {
            self.turns = turns
        }

        func end() {
            let wasOver = isOver.withLock { isOver in
                defer { isOver = true }
                return isOver
            }
            if !wasOver { turns.isTaken.withLock { $0 = false } }
        }

        deinit { end() }
    }

    /// nil as long as another one has its turn.
    func take() -> Turn? {
        let isFree = isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
        return isFree ? Turn(self) : nil
    }
}
