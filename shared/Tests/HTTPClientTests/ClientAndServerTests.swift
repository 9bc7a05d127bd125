import Glibc
import HTTPServer
import HTTPTypes
import Lifecycle
import ServiceTesting
import Synchronization
import Testing

@testable import HTTPClient

/// Our client with our server, over a socket in the file system: one vocabulary for both sides.
@Suite struct ClientAndServerTests {
    private final class RunningServer {
        let directory: TemporaryDirectory
        var path: String { directory.file("socket") }
        private let stop = StopSignal()
        private let thread: DedicatedThread

        init() throws {
            directory = try TemporaryDirectory()
            let methods: [HTTPMethod] = [.get, .post, .put, .patch, .delete]
            let routes = methods.map { method in
                Route.blocking(method, "/things/{name}") { request in
                    let name = request.head.fields["authorization"] ?? "nobody"
                    let fields: HTTPFields = [
                        "x-method": request.method.name, "set-cookie": "a=1", "Set-Cookie": "b=2",
                    ]
                    return .whole(
                        ServerResponse(.accepted, fields: fields, body: Array("\(name) ".utf8) + request.body))
                }
            }
            let server = try HTTPServer([.unix(path: directory.file("socket"))], router: Router(routes))
            thread = DedicatedThread { [stop] in try? server.run(until: stop) }
        }

        deinit {
            stop.stop()
            thread.join()
        }
    }

    private func client(_ server: RunningServer, _ signer: (any RequestSigner)? = nil) throws -> HTTPClient {
        var options = HTTPClient.Options(userAgent: "test/1")
        options.unixSocket = server.path
        options.signer = signer
        return try HTTPClient(options)
    }

    private func answer(_ client: HTTPClient, _ request: ClientRequest) throws -> ClientResponse {
        try client.send(request, tag: 1)
        for _ in 0..<10 {
            if let completion = client.poll(milliseconds: 1_000).first { return try completion.result.get() }
        }
        throw HTTPError(code: .timeout, message: "no answer")
    }

    @Test func everyMethodTravelsWithAndWithoutABody() throws {
        let server = try RunningServer()
        let client = try client(server)
        // On one connection and one handle, so that nothing of the last request may remain.
        for method in [HTTPMethod.get, .post, .head, .delete, .put, .get, .patch, .head, .get] {
            for body in ["", "body"] where body.isEmpty || ![.get, .head].contains(method) {
                let request = ClientRequest(
                    method, "http://agent/things/a", body: body.isEmpty ? nil : BytesBody(Array(body.utf8)))
                let response = try answer(client, request)
                #expect(response.status == .accepted)
                #expect(response.head.fields["X-Method"] == method.name)
                #expect(String(decoding: response.body, as: UTF8.self) == (method == .head ? "" : "nobody \(body)"))
            }
        }
    }

    @Test func answersBringTheirFields() throws {
        let server = try RunningServer()
        let response = try answer(try client(server), ClientRequest(.get, "http://agent/things/a"))
        #expect(response.head.fields.values(of: "set-cookie") == ["a=1", "b=2"])
        #expect(response.head.fields["content-length"] == "7")
        let other = try answer(try client(server), ClientRequest(.options, "http://agent/things/a"))
        #expect(other.status == .methodNotAllowed)
        #expect(other.head.fields["allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE")
    }

    /// Signs with its number, as often as it has keys.
    private final class CountingSigner: RequestSigner {
        let keyCount: Int
        let wantsAnother: @Sendable (ClientRequest, ClientResponse) -> Bool
        let count = Mutex(0)

        init(
            keyCount: Int, wantsAnother: @escaping @Sendable (ClientRequest, ClientResponse) -> Bool = { _, _ in false }
        ) {
            self.keyCount = keyCount
            self.wantsAnother = wantsAnother
        }

        func sign(_ request: inout ClientRequest) throws {
            let number = count.withLock { count in
                count += 1
                return count
            }
            guard number <= keyCount else { throw HTTPError(code: .other, message: "no key is left") }
            request.head.fields["Authorization"] = "Key \(number) of \(request.body?.byteCount ?? 0)"
        }

        func isToSignAgain(_ request: ClientRequest, after response: ClientResponse) -> Bool {
            wantsAnother(request, response)
        }
    }

    @Test func eachRequestIsSignedAnew() throws {
        let server = try RunningServer()
        let client = try client(server, CountingSigner(keyCount: 2))
        for (text, expected) in [("ab", "Key 1 of 2 ab"), ("", "Key 2 of 0 ")] {
            let body = text.isEmpty ? nil : BytesBody(Array(text.utf8))
            let response = try answer(client, ClientRequest(.post, "http://agent/things/a", body: body))
            #expect(String(decoding: response.body, as: UTF8.self) == expected)
        }
        #expect { try client.send(ClientRequest(.get, "http://agent/things/a"), tag: 1) } throws: { error in
            let error = error as? HTTPError
            return error?.code == .unsigned && error?.cause is HTTPError
                && error?.description == "the request cannot be signed: no key is left"
        }
    }

    @Test(arguments: [(1, nil), (5, "Key 2 of 2 ab")])
    func aRefusedSignatureIsMadeAnewOnce(keyCount: Int, expected: String?) throws {
        let server = try RunningServer()
        // Refuses each: the second answer is the caller's all the same.
        let signer = CountingSigner(keyCount: keyCount) { request, response in
            request.head.fields["authorization"] != nil && response.status == .accepted
        }
        var request = ClientRequest(.post, "http://agent/things/a", body: BytesBody(Array("ab".utf8)))
        request.isRepeatable = false
        let result = Result { try answer(try client(server, signer), request) }
        switch result {
        case .success(let response): #expect(String(decoding: response.body, as: UTF8.self) == expected)
        case .failure(let error): #expect(expected == nil && (error as? HTTPError)?.code == .unsigned)
        }
    }

    @Test func aSocketWhereNobodyListensIsUnreachable() throws {
        let directory = try TemporaryDirectory()
        var options = HTTPClient.Options(userAgent: "test/1")
        options.unixSocket = directory.file("nobody-listens")
        #expect { try answer(try HTTPClient(options), ClientRequest(.get, "http://agent/")) } throws: { error in
            (error as? HTTPError)?.code == .unreachable
        }
    }
}
