import HTTPClient
import HTTPTypes
import Lifecycle
import Logging
import ServiceTesting
import Synchronization
import Testing

@testable import AWS

@Suite struct AWSRequestSignerTests {
    /// The facts of the vectors that AWS publishes with the signature's description.
    private static let example = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
    private static let exampleTime: Int64 = 1_440_938_160

    /// A local clock that a test can set.
    private final class LocalClock: Sendable {
        let seconds: Mutex<Int64>

        init(_ seconds: Int64) {
            self.seconds = Mutex(seconds)
        }

        var serverClock: ServerClock {
            ServerClock(local: { self.seconds.withLock { $0 } * 1_000_000_000 })
        }
    }

    private func signer(
        service: String = "service", credentials: any CredentialProvider = Self.example, clock: ServerClock? = nil
    ) -> AWSRequestSigner {
        AWSRequestSigner(
            service: service, region: "us-east-1", credentials: credentials,
            clock: clock ?? LocalClock(Self.exampleTime).serverClock)
    }

    private func signature(of request: ClientRequest) -> Substring? {
        request.head.fields["Authorization"]?.split(separator: "Signature=").last
    }

    @Test func theVectorsOfTheDescriptionComeOut() throws {
        // They sign host and date alone, as other services than ours do.
        let signature = SignatureV4(region: "us-east-1", service: "service")
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        for (method, target, expected) in [
            ("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET", "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
        ] {
            let url = try #require(SignableURL("https://example.amazonaws.com" + target))
            let subject = SignatureV4.Subject(
                method: HTTPMethod(method), url: url,
                fields: ["Host": url.host, "X-Amz-Date": UTCTime.basic(Self.exampleTime)], bodyHash: empty,
                timestamp: UTCTime.basic(Self.exampleTime))
            #expect(
                signature.authorization(subject, with: Self.example)
                    == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                    + "SignedHeaders=host;x-amz-date, Signature=\(expected)")
        }
    }

    @Test func whatDecidesAboutARequestIsSigned() throws {
        var request = ClientRequest(
            .post, "https://h/_bulk",
            fields: [
                "Content-Type": "application/x-ndjson", "content-encoding": "gzip", "X-Amz-Meta": " a   b\tc ",
                "x-amz-meta": "d", "Accept": "*/*",
            ], body: BytesBody(Array("body".utf8)))
        request.credentials = Credentials(username: "admin", password: "s3cret")
        let session = AWSCredentials(
            accessKeyID: "ASIA", secretAccessKey: Secret("key"), sessionToken: Secret("session"))
        try signer(credentials: session).sign(&request)
        let fields = request.head.fields
        #expect(
            fields["Authorization"]?.contains(
                "SignedHeaders=content-encoding;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta;"
                    + "x-amz-security-token,") == true)
        #expect(fields["Host"] == "h")
        #expect(fields["x-amz-security-token"] == "session")
        #expect(
            fields["x-amz-content-sha256"] == "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5")
        #expect(request.credentials == nil)
    }

    @Test func aSecondSignatureLeavesNothingOfTheFirst() throws {
        var request = ClientRequest(.get, "http://h:9200/suricata-*?v")
        let session = AWSCredentials(
            accessKeyID: "ASIA", secretAccessKey: Secret("key"), sessionToken: Secret("session"))
        try signer(credentials: session).sign(&request)
        try signer().sign(&request)
        var fresh = ClientRequest(.get, "http://h:9200/suricata-*?v")
        try signer().sign(&fresh)
        #expect(signature(of: request) == signature(of: fresh))
        #expect(request.head.fields["x-amz-security-token"] == nil)
    }

    @Test func whatIsNoURLIsToldWithoutAKey() {
        var request = ClientRequest(.get, "admin:s3cret@search.example.com")
        #expect { try signer().sign(&request) } throws: { error in
            (error as? AWSError)?.code == .notSignable && "\(error)".hasPrefix("********@search.example.com is no URL")
        }
    }

    private func response(_ status: HTTPStatus, date: Int64?, fields: HTTPFields = [:], body: String = "")
        -> ClientResponse
    {
        var fields = fields
        if let date { fields.append("Date", UTCTime.httpDate(date)) }
        return ClientResponse(status, fields: fields, body: Array(body.utf8))
    }

    @Test func aWrongClockIsCorrectedByTheFirstAnswer() throws {
        for wrongBySeconds: Int64 in [-1_200, 1_200] {
            let local = LocalClock(Self.exampleTime + wrongBySeconds)
            let clock = local.serverClock
            let signer = signer(clock: clock)
            var request = ClientRequest(.get, "https://h/")
            try signer.sign(&request)
            #expect(signer.isToSignAgain(request, after: response(.forbidden, date: Self.exampleTime)))
            #expect(clock.offsetSeconds == -wrongBySeconds)
            #expect(clock.isOff)
            try signer.sign(&request)
            #expect(request.head.fields["x-amz-date"] == UTCTime.basic(Self.exampleTime))
            #expect(!signer.isToSignAgain(request, after: response(.forbidden, date: Self.exampleTime)))
            // Somebody sets the clock right.
            local.seconds.withLock { $0 = Self.exampleTime + 10 }
            #expect(!signer.isToSignAgain(request, after: response(.ok, date: Self.exampleTime + 10)))
            #expect(!clock.isOff && clock.unixSeconds == Self.exampleTime + 10)
        }
    }

    @Test func aSmallDifferenceIsKnownAndLeftAlone() throws {
        let clock = LocalClock(Self.exampleTime).serverClock
        clock.learn(from: response(.ok, date: Self.exampleTime + 45), of: "https://h/")
        #expect(clock.offsetSeconds == 45 && !clock.isOff && clock.unixSeconds == Self.exampleTime)
        clock.learn(from: response(.ok, date: nil), of: "https://h/")
        clock.learn(from: response(.ok, date: nil, fields: ["Date": "yesterday"]), of: "https://h/")
        #expect(clock.offsetSeconds == 45)
    }

    @Test(
        arguments: [(-90, 90_000, 0), (-90, 20_000, -70), (0, 600_000, 0), (120, 90_000, 120)] as [(Int64, Int, Int64)])
    func aSlowAnswerIsNotTakenForAWrongClock(date: Int64, milliseconds: Int, offset: Int64) {
        let clock = LocalClock(Self.exampleTime).serverClock
        let slow = ClientResponse(
            .ok, fields: ["Date": UTCTime.httpDate(Self.exampleTime + date)], milliseconds: milliseconds)
        clock.learn(from: slow, of: "https://h/")
        #expect(clock.offsetSeconds == offset)
    }

    @Test func whatWasLearnedIsForgottenWhenTheLocalClockIsSet() {
        let local = LocalClock(Self.exampleTime - 7_200)
        let clock = local.serverClock
        clock.learn(from: response(.ok, date: Self.exampleTime), of: "https://h/")
        #expect(clock.unixSeconds == Self.exampleTime)
        local.seconds.withLock { $0 = Self.exampleTime }
        #expect(clock.unixSeconds == Self.exampleTime && clock.offsetSeconds == 0)
    }

    @Test(arguments: [
        ("http://h/", false), ("http://127.0.0.1.example.com/", false), ("http://127.0.0.1:9200/", true),
        ("http://localhost:9200/", true), ("http://[::1]:9200/", true), ("https://h/", true),
    ])
    func anAnswerThatAnybodyCanHaveWrittenTeachesNothing(url: String, teaches: Bool) {
        let clock = LocalClock(Self.exampleTime).serverClock
        clock.learn(from: response(.ok, date: Self.exampleTime + 86_400), of: url)
        #expect(clock.isOff == teaches)
    }

    /// Has another key after the first was refused.
    private final class TwoKeys: CredentialProvider {
        let refused = Mutex<[String]>([])

        func credentials() -> AWSCredentials {
            AWSCredentials(
                accessKeyID: refused.withLock { $0.isEmpty } ? "FIRST" : "SECOND", secretAccessKey: Secret("key"))
        }

        func refuse(_ accessKeyID: String) -> Bool {
            refused.withLock { $0.append(accessKeyID) }
            return true
        }
    }

    @Test(arguments: [
        ("ExpiredTokenException:http://…", "{}"),
        ("", #"{"message":"The security token included in the request is expired"}"#),
        ("", "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"),
    ])
    func expiredCredentialsAreRefused(type: String, body: String) throws {
        let keys = TwoKeys()
        let signer = signer(credentials: keys)
        var request = ClientRequest(.get, "https://h/")
        try signer.sign(&request)
        let answer = response(.forbidden, date: Self.exampleTime, fields: ["x-amzn-ErrorType": type], body: body)
        #expect(signer.isToSignAgain(request, after: answer))
        #expect(keys.refused.withLock { $0 } == ["FIRST"])
        // Text of a document in an error of OpenSearch is none of AWS'.
        let quoting = response(
            .badRequest, date: Self.exampleTime, body: #"{"error":{"reason":"ExpiredToken"},"message":"ExpiredToken"}"#)
        #expect(!signer.isToSignAgain(request, after: quoting))
        // Who may not is not asked for another key.
        let denied = response(.forbidden, date: Self.exampleTime, body: #"{"message":"not authorized"}"#)
        #expect(!signer.isToSignAgain(request, after: denied))
    }

    @Test func theClientSendsOnceMoreWhatHadTheWrongTime() throws {
        let now = WallClock.seconds()
        let server = try ScriptedHTTPServer { request in
            let signedAt = request.headers["x-amz-date"].flatMap(UTCTime.unixSeconds(basic:)) ?? 0
            let isRight = abs(signedAt - now) < 300 && request.text == "body"
            return .answer(isRight ? 200 : 403, headers: ["Date: \(UTCTime.httpDate(now))"])
        }
        defer { server.stop() }
        var options = HTTPClient.Options(userAgent: "test/1")
        options.signer = signer(clock: ServerClock(local: { WallClock.nanoseconds() - 1_200_000_000_000 }))
        let client = try HTTPClient(options)
        try client.send(
            ClientRequest(.post, server.url + "/a", body: BytesBody(Array("body".utf8))), tag: 1)
        var completions: [HTTPCompletion] = []
        for _ in 0..<10 where completions.isEmpty { completions = client.poll(milliseconds: 1_000) }
        #expect(try completions.first?.result.get().status == .ok)
        #expect(server.requests.count == 2)
    }
}
