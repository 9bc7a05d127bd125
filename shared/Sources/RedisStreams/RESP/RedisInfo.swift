/// The answer to INFO: one `name:value` a line.
public struct RedisInfo: Sendable {
    private let fields: [String: String]

    /// - Parameter reply: the answer to INFO; anything else has no fields.
    public init(_ reply: RedisReply) {
        self.init(reply.text ?? "")
    }

    /// - Parameter text: the lines.
    public init(_ text: String) {
        var fields: [String: String] = [:]
        for line in text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            if parts.count == 2 { fields[String(Substring(parts[0]))] = String(Substring(parts[1])) }
        }
        self.fields = fields
    }

    /// The value of a field; nil when the answer does not have it.
    public subscript(name: String) -> String? { fields[name] }

    /// The value of a field that is a whole number.
    public func number(_ name: String) -> Int64? { fields[name].flatMap { Int64($0) } }
}
