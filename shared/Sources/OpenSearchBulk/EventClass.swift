public import JSON

/// How long an event is worth keeping: each class has indexes of its own, so that one can go before the other.
///
/// In the order in which they are given up when room is wanted.
public enum EventClass: String, CaseIterable, Sendable {
    /// Suricata's counters (`event.kind` is `metric`).
    case stats
    /// What was seen: flows, transactions, files and all else.
    case telemetry
    /// What a rule has found (`event.kind` is `alert`).
    case alerts

    /// What stands between prefix and day in the names of its indexes: `-alerts`, `-stats`, nothing for telemetry.
    public var infix: String { self == .telemetry ? "" : "-\(rawValue)" }

    /// The class of a document, which follows from the document alone, so that it goes where it went when it comes again.
    /// - Parameter document: nil for what is not JSON.
    public init(of document: JSONNode?) {
        let kind = document?["event"]?["kind"]
        if kind?.isEqual(to: "alert") == true {
            self = .alerts
        } else if kind?.isEqual(to: "metric") == true {
            self = .stats
        } else {
            self = .telemetry
        }
    }
}
