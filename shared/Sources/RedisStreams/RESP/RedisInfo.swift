/// The answer to INFO: one `name:value` a line.
public struct RedisInfo: Sendable {
    private let bytes: [UInt8]

    /// - Parameter reply: the answer to INFO; anything else has no fields.
    public init(_ reply: RedisReply) {
        bytes = reply.bytes ?? []
    }

    /// - Parameter text: the lines.
    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The value of a field; nil when the answer does not have it.
    ///
    /// The few that are wanted are looked for: the reader asks often, and a dictionary of all fields costs it more.
    public subscript(name: String) -> String? {
        let front = Array("\(name):".utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            guard line.starts(with: front) else { continue }
            let value = line.dropFirst(front.count)
            return String(decoding: value.last == UInt8(ascii: "\r") ? value.dropLast() : value, as: UTF8.self)
        }
        return nil
    }

    /// The value of a field that is a whole number.
    public func number(_ name: String) -> Int64? { self[name].flatMap { Int64($0) } }
}
