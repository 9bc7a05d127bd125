/// A document that an event has become.
public struct MappedDocument {
    /// Its line of JSON, without newline, valid until the mapper's next line.
    public let bytes: UnsafeRawBufferPointer
    /// What it has as `@timestamp`, in nanoseconds since the epoch.
    public let time: Int64
    /// False where the event's own time was missing or wild, so that `time` is the time of reading.
    public let isTimeUsable: Bool
    /// The event's type, as a position in `LineMapper.typeNames`.
    public let typeIndex: Int
    /// The severity that an alert gives, 0 when it gives none; nil when the event is no alert.
    public var alertSeverity: Int64?
}

/// Why bytes can never become a document.
public struct Rejection: CustomStringConvertible, Sendable {
    /// The kinds of reasons.
    public enum Reason: String, CaseIterable, Sendable {
        /// The bytes are not JSON.
        case notJSON = "not_json"
        /// They are JSON, but no object.
        case notObject = "not_object"
        /// They are JSON of more levels or values than is mapped.
        case tooComplex = "too_complex"
        /// There are none.
        case empty = "empty"
        /// The document would not fit into a batch.
        case tooLarge = "too_large"
    }

    /// The kind.
    public let reason: Reason
    /// What was wrong in particular.
    public let description: String
}
