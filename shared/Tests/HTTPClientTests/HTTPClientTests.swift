import HTTPTypes
import Lifecycle
import ServiceTesting
import Testing

@testable import HTTPClient

@Suite struct HTTPClientTests {
    private func client(_ change: (inout HTTPClient.Options) -> Void = { _ in }) throws -> HTTPClient {
        var options = HTTPClient.Options(userAgent: "test/1")
        options.requestTimeoutMilliseconds = 10_000
        change(&options)
        return try HTTPClient(options)
    }

    /// Polls until `count` requests have ended.
    private func completions(_ client: HTTPClient, _ count: Int) -> [UInt64: Result<ClientResponse, HTTPError>] {
        var ends: [UInt64: Result<ClientResponse, HTTPError>] = [:]
        for _ in 0..<100 where ends.count < count {
            for completion in client.poll(milliseconds: 1_000) { ends[completion.tag] = completion.result }
        }
        return ends
    }

    private func error(_ result: Result<ClientResponse, HTTPError>?) -> HTTPError? {
        guard case .failure(let error) = result else { return nil }
        return error
    }

    @Test func sendsAndReceives() throws {
        let server = try ScriptedHTTPServer { request in .answer(201, body: "got \(request.body.count)") }
        defer { server.stop() }
        let client = try client()
        let body = [UInt8](repeating: 7, count: 300_000)
        try client.send(
            ClientRequest(.post, server.url + "/_bulk?a=b", fields: ["X-Test": "yes"], body: BytesBody(body)), tag: 9)
        #expect(client.inFlightCount == 1)
        let response = try #require(completions(client, 1)[9]).get()
        #expect(client.inFlightCount == 0)
        #expect(response.status == 201)
        #expect(response.retryAfterSeconds == nil)
        #expect(String(decoding: response.body, as: UTF8.self) == "got 300000")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/_bulk?a=b")
        #expect(request.headers["x-test"] == "yes")
        #expect(request.headers["user-agent"] == "test/1")
        #expect(request.headers["expect"] == nil)
        #expect(request.headers["authorization"] == nil)
        #expect(request.body == body)
    }

    @Test func methodsChangeOnTheSameHandle() throws {
        let server = try ScriptedHTTPServer { .answer(200, body: $0.method + $0.text) }
        defer { server.stop() }
        let client = try client()
        for (method, text) in [(HTTPMethod.get, ""), (.put, "x"), (.get, ""), (.post, "yz")] {
            let body = text.isEmpty ? nil : BytesBody(Array(text.utf8))
            try client.send(ClientRequest(method, server.url, body: body), tag: 1)
            let response = try #require(completions(client, 1)[1]).get()
            #expect(String(decoding: response.body, as: UTF8.self) == method.name + text)
        }
        #expect(Set(server.requests.map(\.connection)) == [1])
    }

    @Test func severalInFlightOverKeptConnections() throws {
        let server = try ScriptedHTTPServer { _ in .late(milliseconds: 50, .answer(200)) }
        defer { server.stop() }
        let client = try client()
        for round in 0..<3 {
            for tag in 0..<4 { try client.send(ClientRequest(.get, server.url), tag: UInt64(round * 4 + tag)) }
            #expect(completions(client, 4).count == 4)
        }
        #expect(server.requests.count == 12)
        #expect(server.requests.map(\.connection).max() == 4)
    }

    /// A kept connection that the server has closed meanwhile costs no failure: the request is sent anew, whole.
    @Test func aClosedConnectionIsMadeAnew() throws {
        let server = try ScriptedHTTPServer { request in
            request.number == 1
                ? .cut(after: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") : .answer(200, body: request.text)
        }
        defer { server.stop() }
        let client = try client()
        for tag in 1...2 {
            let body = BytesBody(Array("body \(tag)".utf8))
            try client.send(ClientRequest(.post, server.url, body: body), tag: UInt64(tag))
            let response = try #require(completions(client, 1)[UInt64(tag)]).get()
            #expect(response.status == 200)
        }
        #expect(server.requests.last?.text == "body 2")
    }

    /// A kept connection ends after the request was read: only its sender knows whether it may be carried out twice.
    @Test(arguments: [true, false])
    func whatMustNotBeRepeatedIsNot(isRepeatable: Bool) throws {
        let server = try ScriptedHTTPServer { $0.number == 2 ? .cut(after: "") : .answer(200) }
        defer { server.stop() }
        let client = try client()
        for tag in 1...3 {
            let body = BytesBody([1, 2, 3])
            try client.send(
                ClientRequest(.post, server.url, body: body, isRepeatable: isRepeatable), tag: UInt64(tag))
            let result = completions(client, 1)[UInt64(tag)]
            #expect(error(result)?.code == (tag == 2 && !isRepeatable ? .cut : nil))
        }
        #expect(server.requests.count == (isRepeatable ? 4 : 3))
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", ""])
    func aCutAnswerIsAnError(answer: String) throws {
        let server = try ScriptedHTTPServer { _ in .cut(after: answer) }
        defer { server.stop() }
        let client = try client()
        try client.send(ClientRequest(.post, server.url, body: BytesBody([1])), tag: 1)
        #expect(error(completions(client, 1)[1])?.code == .cut)
    }

    @Test func whatIsNotHTTPIsAnError() throws {
        let server = try ScriptedHTTPServer { _ in .cut(after: "hello, who are you?\r\n") }
        defer { server.stop() }
        let client = try client()
        try client.send(ClientRequest(.get, server.url), tag: 1)
        #expect(error(completions(client, 1)[1])?.code == .badAnswer)
    }

    @Test func aSilentServerTimesOut() throws {
        let server = try ScriptedHTTPServer { _ in .silence }
        defer { server.stop() }
        let client = try client { $0.requestTimeoutMilliseconds = 100 }
        try client.send(ClientRequest(.get, server.url), tag: 1)
        #expect(error(completions(client, 1)[1])?.code == .timeout)
    }

    @Test func nobodyListens() throws {
        let server = try ScriptedHTTPServer { _ in .answer(200) }
        server.stop()
        let client = try client()
        try client.send(ClientRequest(.get, server.url), tag: 1)
        #expect(error(completions(client, 1)[1])?.code == .unreachable)
    }

    @Test func aLongAnswerIsCutOff() throws {
        let server = try ScriptedHTTPServer { _ in .answer(200, body: String(repeating: "x", count: 5_000)) }
        defer { server.stop() }
        let client = try client { $0.responseBytesMax = 4_999 }
        try client.send(ClientRequest(.get, server.url), tag: 1)
        #expect(error(completions(client, 1)[1])?.code == .badAnswer)
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1/"])
    func otherProtocolsAreRefused(url: String) throws {
        let client = try client()
        try client.send(ClientRequest(.get, url), tag: 1)
        #expect(error(completions(client, 1)[1]) != nil)
    }

    // Newer versions of libcurl take more than six hours as six hours.
    @Test(arguments: [("7", 7), ("Fri, 31 Dec 2999 23:59:59 GMT", 6 * 3_600)])
    func retryAfterIsReadAsSecondsAndAsDate(value: String, atLeast: Int) throws {
        let server = try ScriptedHTTPServer { _ in .answer(503, headers: ["Retry-After: \(value)"]) }
        defer { server.stop() }
        let client = try client()
        try client.send(ClientRequest(.get, server.url), tag: 1)
        let response = try #require(completions(client, 1)[1]).get()
        #expect(try #require(response.retryAfterSeconds) >= atLeast)
    }

    @Test func basicAuthenticationIsSentAndNeverTold() throws {
        let server = try ScriptedHTTPServer { _ in .cut(after: "") }
        defer { server.stop() }
        let client = try client { $0.signer = RequestSigners.basic(username: "admin", password: "s3cret") }
        try client.send(ClientRequest(.get, server.url), tag: 1)
        let failure = try #require(error(completions(client, 1)[1]))
        #expect(server.requests.first?.headers["authorization"] == "Basic YWRtaW46czNjcmV0")
        #expect(!failure.description.contains("s3cret"))
    }

    @Test func anotherDescriptorEndsTheWait() throws {
        let client = try client()
        let stop = StopSignal()
        stop.stop()
        let start = MonotonicClock.nanoseconds()
        #expect(client.poll(milliseconds: 10_000, wakingOn: [stop.fileDescriptor]).isEmpty)
        #expect(MonotonicClock.nanoseconds() - start < 5_000_000_000)
    }

    @Test func pollWaitsItsTimeWhenNothingIsInFlight() throws {
        let client = try client()
        let start = MonotonicClock.nanoseconds()
        #expect(client.poll(milliseconds: 30).isEmpty)
        #expect(MonotonicClock.nanoseconds() - start >= 30_000_000)
    }
}
