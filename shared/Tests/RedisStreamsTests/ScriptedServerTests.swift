import Lifecycle
import Logging
import Testing

@testable import RedisStreams

@Suite("Answers that a real Redis does not give on command")
struct ScriptedServerTests {
    static let hash = "$40\r\n" + String(repeating: "a", count: 40) + "\r\n"

    static func link(_ server: ScriptedServer) -> RedisLink {
        var options = RedisOptions(port: server.port)
        options.backoffMaxMilliseconds = 20
        options.commandTimeoutMilliseconds = 200
        options.connectTimeoutMilliseconds = 500
        return RedisLink(options, service: "test", stop: StopSignal(), logger: .silent)
    }

    /// A server that greets well and does `act` with everything else.
    static func server(_ act: @escaping @Sendable (_ words: [String]) -> ScriptedServer.Act) throws -> ScriptedServer {
        try ScriptedServer { words, _ in
            switch words[0] {
            case "SCRIPT": .reply(hash)
            case "CLIENT": .reply("+OK\r\n")
            default: act(words)
            }
        }
    }

    @Test(
        "Each broken answer ends the connection and is a failure that passes",
        arguments: [
            (.close(after: ""), .connection), (.close(after: "$100\r\nhalf of it"), .connection),
            (.silence, .timeout), (.reply("$5\r\nhel"), .timeout),
            (.reply("HTTP/1.1 400 Bad Request\r\n"), .protocolViolation),
            (.reply("-BUSY Redis is busy running a script\r\n"), .busy),
            (.reply("-MASTERDOWN Link with MASTER is down\r\n"), .busy),
            (.reply("-ERR something new\r\n"), .other),
        ] as [(ScriptedServer.Act, RedisError.Code?)])
    func brokenAnswers(act: ScriptedServer.Act, code: RedisError.Code?) throws {
        let server = try Self.server { _ in act }
        let link = Self.link(server)
        let reply = try link.call(["GET", "x"])
        #expect(link.fault?.code == code)
        #expect((reply == nil) == (code != nil))
    }

    @Test(
        "A refusal while greeting is as good as no connection",
        arguments: ["LOADING soon", "ERR max number of clients"])
    func refusedGreeting(text: String) throws {
        let server = try ScriptedServer { words, number in
            number < 3 ? .reply("-\(text)\r\n") : .reply(words[0] == "SCRIPT" ? Self.hash : "+OK\r\n")
        }
        let link = Self.link(server)
        #expect(try link.call(["GET", "x"]) == nil)
        #expect(link.fault?.message == text)
        _ = try eventually("an answer") { try link.call(["GET", "x"], waitMilliseconds: 50) }
        #expect(link.fault == nil)
    }

    @Test("A reply that nobody asked for ends the connection")
    func surplusReply() throws {
        let server = try Self.server { _ in .reply("+OK\r\n+OK\r\n") }
        let link = Self.link(server)
        _ = try link.call(["GET", "x"])
        // The second reply is met by the next command, or stands before its reply; neither may pass as an answer to it.
        let replies = try (1...3).map { _ in try link.call(["GET", "x"]) }
        #expect(replies.contains(nil) || link.epoch > 1)
    }
}
