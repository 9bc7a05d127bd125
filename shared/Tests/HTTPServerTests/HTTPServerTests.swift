import Foundation
import Glibc
import HTTPServer
import HTTPTypes
import Lifecycle
import Sockets
import Testing

/// A server on a free port that ends with the test.
private final class RunningServer {
    static let large = String(repeating: "0123456789abcde\n", count: 64 * 1024)

    let server: HTTPServer
    private let stop = StopSignal()
    private let thread: DedicatedThread

    var port: Int { server.port }

    init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
        var limits = HTTPLimits()
        change(&limits)
        let server = try HTTPServer(
            [.tcp(bind: "127.0.0.1", port: 0)],
            router: Router([
                .atOnce(.get, "/healthz") { _ in .whole(ServerResponse(text: "fine\n")) },
                .atOnce(.get, "/broken") { _ in
                    .whole(ServerResponse(.serviceUnavailable, contentType: "application/json", text: "{}"))
                },
                .atOnce(.get, "/failing") { _ in throw CancellationError() },
                .atOnce(.get, "/refusing") { _ in throw Refusal(ServerResponse(.conflict)) },
                .atOnce(.get, "/empty") { _ in .whole(ServerResponse()) },
                .atOnce(.get, "/large") { _ in .whole(ServerResponse(text: Self.large)) },
            ]), limits: limits)
        self.server = server
        thread = DedicatedThread { [stop] in try? server.run(until: stop) }
    }

    deinit {
        stop.stop()
        thread.join()
    }

    /// The whole answer to one request on a connection of its own.
    func answer(to request: String) throws -> String {
        let client = try RawClient(port: port)
        client.send(request)
        return client.receive().text
    }

    func get(_ path: String) throws -> String {
        try answer(to: "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    }
}

@Suite struct HTTPServerTests {
    @Test func answersGet() throws {
        #expect(
            try RunningServer().get("/healthz")
                == """
                HTTP/1.1 200 OK\r
                content-type: text/plain; charset=utf-8\r
                content-length: 5\r
                \r
                fine

                """)
    }

    @Test func answersWithItsStatus() throws {
        let server = try RunningServer()
        let answer = try server.get("/broken")
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.hasSuffix("\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"))
        #expect(try server.get("/empty").hasSuffix("content-length: 0\r\n\r\n"))
    }

    @Test func anErrorOnTheLoopIsAnAnswer() throws {
        let server = try RunningServer()
        #expect(try server.get("/failing").hasPrefix("HTTP/1.1 500 "))
        #expect(try server.get("/refusing").hasPrefix("HTTP/1.1 409 "))
    }

    @Test func sendsLargeBodiesWhole() throws {
        let answer = try RunningServer().get("/large")
        #expect(answer.hasSuffix("\r\n\r\n" + RunningServer.large))
    }

    @Test func headHasNoBody() throws {
        let answer = try RunningServer().answer(to: "HEAD /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("content-length: \(RunningServer.large.utf8.count)\r\n\r\n"))
    }

    @Test(arguments: ["/", "/healthz/", "/healthzz", "/%2e%2e/etc/passwd", "//healthz", "/é"])
    func unknownPathsAreNotFound(path: String) throws {
        let answer = try RunningServer().get(path)
        #expect(answer.hasPrefix("HTTP/1.1 404 ") || (path == "//healthz" && answer.hasPrefix("HTTP/1.1 200 ")))
    }

    @Test func queriesAreIgnored() throws {
        #expect(try RunningServer().get("/healthz?verbose=1").hasSuffix("\r\n\r\nfine\n"))
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) func otherMethodsAreRefused(method: String) throws {
        let request = "\(method) /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"
        let answer = try RunningServer().answer(to: request)
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("\r\nallow: GET, HEAD\r\n"))
    }

    @Test(arguments: ["websocket", "h2c"]) func upgradesAreRefused(name: String) throws {
        let server = try RunningServer()
        let answer = try server.answer(
            to: """
                GET /healthz HTTP/1.1\r
                Host: a\r
                Connection: Upgrade, HTTP2-Settings\r
                Upgrade: \(name)\r
                HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                \r

                """)
        #expect(!answer.hasPrefix("HTTP/1.1 101 "))
        #expect(try server.get("/healthz").hasSuffix("fine\n"))
    }

    @Test func keepsConnections() throws {
        let server = try RunningServer()
        let kept = try RawClient(port: server.port)
        let start = MonotonicClock.nanoseconds()
        for _ in 0..<200 {
            kept.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(kept.receive { $0.hasSuffix("fine\n") }.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        // Far below the 8 s that 200 delayed confirmations take.
        #expect(MonotonicClock.nanoseconds() - start < 4_000_000_000)
    }

    @Test func takesRequestsThatComeInOneSegment() throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        client.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
        client.send("GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let (text, isClosed) = client.receive()
        #expect(isClosed)
        #expect(text.components(separatedBy: "HTTP/1.1 200 OK\r\n").count == 1 + 6)
        #expect(text.hasSuffix("content-length: 0\r\n\r\n"))
    }
}

@Suite struct HTTPServerLimitTests {
    @Test func idleConnectionsDoNotKeepOthersOut() throws {
        let server = try RunningServer { $0.transferTimeoutSeconds = 60 }
        let idle = try (0..<50).map { _ in try RawClient(port: server.port) }
        for client in idle.prefix(25) { client.send("GET /hea") }
        let start = MonotonicClock.nanoseconds()
        for _ in 0..<20 { #expect(try server.get("/healthz").hasSuffix("fine\n")) }
        #expect(MonotonicClock.nanoseconds() - start < 20_000_000_000)
        withExtendedLifetime(idle) {}
    }

    @Test func theOldestConnectionMakesRoom() throws {
        let server = try RunningServer { $0.connectionsMax = 4 }
        let crowd = try (0..<40).map { _ in try RawClient(port: server.port) }
        #expect(try server.get("/healthz").hasSuffix("fine\n"))
        #expect(crowd[0].receive().isClosed)
    }

    @Test func unfinishedRequestsAreClosed() throws {
        let server = try RunningServer { $0.transferTimeoutSeconds = 1 }
        let silent = try RawClient(port: server.port)
        let slow = try RawClient(port: server.port)
        slow.send("GET /healthz HTTP/1.1\r\nHost:")
        #expect(slow.receive().isClosed)
        #expect(silent.receive().isClosed)
    }

    @Test func idleConnectionsAreClosed() throws {
        let server = try RunningServer { $0.idleTimeoutSeconds = 1 }
        let client = try RawClient(port: server.port)
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        let (text, isClosed) = client.receive()
        #expect(text.hasSuffix("fine\n"))
        #expect(isClosed)
    }

    @Test func aClientThatTakesNothingIsDropped() throws {
        let server = try RunningServer { $0.transferTimeoutSeconds = 1 }
        let client = try RawClient(port: server.port)
        client.shrinkReceiveBuffer()
        client.send(String(repeating: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", count: 50))
        #expect(try server.get("/healthz").hasSuffix("fine\n"))
        // Far longer than the time that it has: only what the kernel holds by then still comes.
        StopSignal().wait(milliseconds: 4_000)
        let (text, isClosed) = client.receive()
        #expect(isClosed)
        #expect(text.utf8.count < 50 * RunningServer.large.utf8.count)
    }

    @Test func aSlowClientGetsEverything() throws {
        let server = try RunningServer { $0.transferTimeoutSeconds = 60 }
        let client = try RawClient(port: server.port)
        client.shrinkReceiveBuffer()
        client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(client.receive(seconds: 30, pauseMilliseconds: 1).text.hasSuffix("\r\n\r\n" + RunningServer.large))
    }

    @Test(arguments: [(8_000, "Authorization"), (100_000, "X-Other"), (5_000_000, "X-Other")])
    func oversizedHeadersAreRefused(count: Int, other: String) throws {
        let server = try RunningServer()
        let client = try RawClient(port: server.port)
        let filler = String(repeating: "a", count: count)
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: \(filler)\r\n\(other): \(filler)\r\n\r\n")
        let answer = client.receive(seconds: 2) { $0.contains("bytes") }.text
        #expect(!answer.contains("fine"))
        #expect(answer.hasPrefix("HTTP/1.1 431 ") == (count < 30_000))
        #expect(try server.get("/healthz").hasSuffix("fine\n"))
    }

    @Test(
        arguments: [
            "\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "BREW /healthz HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /healthz HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
            "GET http://[::1/ HTTP/1.1\r\nHost: \u{7F}\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        ])
    func nonsenseHurtsNobody(request: String) throws {
        let server = try RunningServer { $0.transferTimeoutSeconds = 1 }
        let client = try RawClient(port: server.port)
        client.send(request)
        _ = client.receive(seconds: 2) { $0.contains("\r\n\r\n") }
        #expect(try server.get("/healthz").hasSuffix("fine\n"))
    }
}

@Suite struct HTTPServerStartTests {
    @Test func tellsThatThePortIsInUse() throws {
        let server = try RunningServer()
        let error = startError("127.0.0.1", server.port)
        #expect(error?.code == .addressInUse)
        #expect(error?.description == "port \(server.port) on 127.0.0.1 is in use")
    }

    @Test func tellsThatTheAddressIsNotHere() {
        #expect(startError("192.0.2.1", 0)?.code == .addressNotHere)
        let unknown = startError("not an address", 0)
        #expect(unknown?.code == .addressNotHere)
        #expect(unknown?.cause is SocketAddressError)
    }

    private func startError(_ address: String, _ port: Int) -> HTTPServerError? {
        do throws(HTTPServerError) {
            _ = try HTTPServer([.tcp(bind: address, port: port)], router: Router())
            return nil
        } catch {
            return error
        }
    }

    @Test func freesThePortAtOnce() throws {
        var port = 0
        do {
            let server = try RunningServer()
            port = server.port
            #expect(try server.get("/healthz").hasSuffix("fine\n"))
        }
        _ = try HTTPServer([.tcp(bind: "127.0.0.1", port: port)], router: Router())
    }

    @Test func twoServersRunInOneProcess() throws {
        let servers = try [RunningServer(), RunningServer()]
        for server in servers { #expect(try server.get("/healthz").hasSuffix("fine\n")) }
    }
}
