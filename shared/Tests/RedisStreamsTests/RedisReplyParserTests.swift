import Testing

@testable import RedisStreams

@Suite("Replies")
struct RedisReplyParserTests {
    static func replies(_ text: String, step: Int = .max, bytesMax: Int = 1 << 20) throws -> [RedisReply] {
        let parser = try RedisReplyParser(replyBytesMax: bytesMax)
        var replies: [RedisReply] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(step)).withUnsafeBytes { try parser.feed($0) }
            rest = rest.dropFirst(step)
            while let reply = try parser.next() { replies.append(reply) }
        }
        return replies
    }

    @Test("Every type is understood, also byte by byte", arguments: [1, 3, .max])
    func types(step: Int) throws {
        let text = "+OK\r\n:-5\r\n$3\r\na\0b\r\n$-1\r\n*-1\r\n*2\r\n*1\r\n$0\r\n\r\n:1\r\n-OOM no memory\r\n"
        #expect(
            try Self.replies(text, step: step) == [
                .status("OK"), .integer(-5), .bytes([97, 0, 98]), .null, .null,
                .array([.array([.bytes([])]), .integer(1)]), .error(RedisError(.outOfMemory, "OOM no memory")),
            ])
    }

    @Test(
        "What is no reply, or one beyond the bounds, is refused",
        arguments: [
            "hello\r\n", ":12x\r\n", "*2000000\r\n", "$99999999999999999999\r\n",
            String(repeating: "*1\r\n", count: 40), "$9000\r\n" + String(repeating: "x", count: 9_000) + "\r\n",
        ])
    func violations(text: String) {
        #expect {
            try Self.replies(text, step: 100, bytesMax: 5_000)
        } throws: { error in
            (error as? RedisError)?.code == .protocolViolation
        }
    }

    @Test("A field of INFO is found by its whole name")
    func info() {
        let info = RedisInfo(
            "# Memory\r\nused_memory_human:1.5M\r\nused_memory:42\r\nexecutable:/a:b\r\nempty:\r\nlast:7")
        #expect(info["used_memory"] == "42" && info.number("used_memory") == 42)
        #expect(info["executable"] == "/a:b" && info["empty"] == "" && info["last"] == "7")
        #expect(info["memory"] == nil && info["used"] == nil && info.number("executable") == nil)
        #expect(RedisInfo(RedisReply.integer(1))["used_memory"] == nil)
        #expect(RedisInfo(RedisReply.bytes(Array("a:1\r\n".utf8)))["a"] == "1")
    }
}
