/// The answer to INFO.
struct RedisInfo {
    private let text: String

    init(_ reply: RedisReply) {
        text = reply.text ?? ""
    }

    /// The value of a field; nil when the answer does not have it.
    subscript(name: String) -> String? {
        for line in text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            if parts.count == 2, parts[0].elementsEqual(name.utf8) { return String(Substring(parts[1])) }
        }
        return nil
    }
}
