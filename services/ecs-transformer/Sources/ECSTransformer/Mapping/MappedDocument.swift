/// The document of an event.
public struct MappedDocument {
    /// Its line of JSON, without newline, valid until the mapper's next line.
    public let bytes: UnsafeRawBufferPointer
    /// Its `@timestamp`, in nanoseconds since the epoch.
    public let time: Int64
    /// False where the event's own time was missing or implausible, so that `time` is the time of reading.
    public let isTimeUsable: Bool
    /// The event's type, as a position in `LineMapper.typeNames`.
    public let typeIndex: Int
    /// The severity of an alert, 0 when it has none; nil when the event is not an alert.
    public var alertSeverity: Int64?
}

/// Why bytes can never become a document.
public struct Rejection: CustomStringConvertible, Sendable {
    /// The kinds of reasons.
    public enum Reason: String, CaseIterable, Sendable {
        /// The bytes are not JSON.
        case notJSON = "not_json"
        /// They are JSON, but not an object.
        case notObject = "not_object"
        /// They are JSON with more levels or values than are mapped.
        case tooComplex = "too_complex"
        /// There are no bytes.
        case empty = "empty"
        /// The document would not fit into a batch.
        case tooLarge = "too_large"
    }

    /// What kind of reason it is.
    public let reason: Reason
    /// What is wrong, in words.
    public let description: String
}
