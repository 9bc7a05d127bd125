import EventContract

/// One entry of a stream that is pending for this consumer.
public struct StreamEntry: Equatable, Sendable {
    /// The id that Redis gave it.
    public var id: String
    /// The batch as it was written; anything else that an entry holds is given as it is, and does not decode.
    public var payload: [UInt8]
    /// Whether it was given to a consumer before, this one or another, which has not committed it.
    public var isRedelivered: Bool

    /// An entry, for tests of whoever takes one.
    public init(id: String, payload: [UInt8], isRedelivered: Bool = false) {
        self.id = id
        self.payload = payload
        self.isRedelivered = isRedelivered
    }

    /// Reads `[id, [name, value, …]]`; the payload is nil when the entry itself is gone from the stream.
    static func parse(_ reply: RedisReply) -> (id: String, payload: [UInt8]?)? {
        let parts = reply.elements
        guard parts.count == 2, let id = parts[0].text else { return nil }
        guard case .array(let fields) = parts[1] else { return (id, nil) }
        if let payload = parts[1].fields[StreamKeys.payloadField]?.bytes { return (id, payload) }
        return (id, Array(fields.compactMap(\.bytes).joined(separator: [UInt8(ascii: " ")])))
    }
}
