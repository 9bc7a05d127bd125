/// What Redis answered.
public enum RedisReply: Equatable, Sendable {
    /// Nothing: no such key, or no entry came in time.
    case null
    /// A whole number.
    case integer(Int64)
    /// A short word such as `OK`.
    case status(String)
    /// A value.
    case bytes([UInt8])
    /// Several replies.
    case array([RedisReply])
    /// A refusal.
    case error(RedisError)

    /// The number, also when it came as text.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        default: text.flatMap { Int64($0) }
        }
    }

    /// The value or status as text.
    public var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// The value.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// The elements; none when it is no array.
    public var elements: [RedisReply] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The values by their names, of a flat list of names and values as HGETALL and the XINFO commands give it.
    public var fields: [String: RedisReply] {
        let elements = elements
        var fields: [String: RedisReply] = [:]
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if let name = elements[index].text { fields[name] = elements[index + 1] }
        }
        return fields
    }
}
