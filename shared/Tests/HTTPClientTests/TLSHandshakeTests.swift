import Foundation
import HTTPServer
import Lifecycle
import ServiceTesting
import Testing

@testable import HTTPClient

@Suite struct TLSHandshakeTests {
    @Test func theEndOfACertificateIsReadAsLibcurlWritesIt() {
        #expect(TLSHandshake.Certificate.unixSeconds("Nov 28 12:00:01 2026 GMT") == 1_795_867_201)
        #expect(TLSHandshake.Certificate.unixSeconds("Jan  1 00:00:00 1970 GMT") == 0)
        for text in [
            "", "Nov 28 2026", "Foo 28 12:00:01 2026 GMT", "Nov 99 12:00:01 2026 GMT", "Nov 28 12:00 2026 GMT",
        ] {
            #expect(TLSHandshake.Certificate.unixSeconds(text) == nil)
        }
    }

    @Test func nothingThatCanBeConnectedToIsAnErrorOfItsOwnKind() throws {
        let port = try freePort()
        let error = thrown(HTTPError.self) {
            try TLSHandshake.look(at: "https://127.0.0.1:\(port)/", HTTPClient.Options(userAgent: "test/1"))
        }
        #expect(error?.code == .unreachable)
    }
}
