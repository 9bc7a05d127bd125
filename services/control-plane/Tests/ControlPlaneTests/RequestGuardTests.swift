import HTTPServer
import HTTPTypes
import Networks
import Testing

@testable import ControlPlane

@Suite("Request guard")
struct RequestGuardTests {
    private let watch = RequestGuard(
        hosts: ["ids", "localhost"], networks: IPNetwork.privateNetworks, sessionCookie: "__Host-ids",
        isEncrypted: true)

    private func status(
        _ method: HTTPMethod = .get, from address: String = "192.168.1.5", _ fields: HTTPFields
    ) -> Int? {
        let request = ServerRequest(
            method, path: "/api/v1/x", fields: fields, peer: .network(address: address, port: 1))
        return watch.refusal(of: request)?.status.code
    }

    @Test(
        "clients of the networks are let in, and the loopback always",
        arguments: ["192.168.1.5", "10.0.0.1", "127.0.0.1", "::1", "fd00::5", "fe80::1%eth0", "::ffff:192.168.1.5"])
    func near(address: String) {
        #expect(status(.get, from: address, ["host": "ids"]) == nil)
    }

    @Test(
        "others are not",
        arguments: ["no address", "203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7", "::ffff:cb00:7107"])
    func far(address: String) {
        #expect(status(.get, from: address, ["host": "ids"]) == 403)
    }

    @Test(
        "names and addresses of this machine",
        arguments: ["ids", "IDS:8000", "localhost:8000", "192.168.1.7", "[fd00::1]:8000"])
    func ownNames(host: String) {
        #expect(status(.get, ["host": host]) == nil)
    }

    @Test(
        "foreign names are refused",
        arguments: ["evil.example", "ids.evil.example", "", "ids:", "ids:0", "ids evil", "[::1"])
    func foreignNames(host: String) {
        #expect(status(.get, ["host": host]) == 421)
    }

    @Test("what changes something must come from our page, or from a program without cookies")
    func origins() {
        let own: HTTPFields = ["host": "ids:8000", "origin": "https://ids:8000", "sec-fetch-site": "same-origin"]
        #expect(status(.post, own) == nil)
        #expect(status(.post, ["host": "ids:8000"]) == nil)
        #expect(status(.post, ["host": "ids:8000", "cookie": "a=b; __Host-ids=1"]) == 403)
        #expect(status(.post, ["host": "ids:8000", "origin": "https://ids:9000"]) == 403)
        #expect(status(.post, ["host": "ids:8000", "origin": "http://ids:8000"]) == 403)
        #expect(status(.post, ["host": "ids:8000", "origin": "null"]) == 403)
        #expect(status(.delete, ["host": "ids:8000", "sec-fetch-site": "same-site"]) == 403)
        #expect(status(.get, ["host": "ids:8000", "sec-fetch-site": "cross-site"]) == nil)
    }

    @Test("a WebSocket must come from our page as well")
    func webSockets() {
        let key: HTTPFields = ["host": "ids", "sec-websocket-key": "x", "cookie": "__Host-ids=1"]
        #expect(status(.get, key) == 403)
        var own = key
        own.append("origin", "https://ids")
        #expect(status(.get, own) == nil)
        var foreign = key
        foreign.append("origin", "https://evil.example")
        #expect(status(.get, foreign) == 403)
    }

    @Test("addresses of one IPv6 network count as one client")
    func clients() {
        func client(_ address: String) -> String { ClientAddress(.network(address: address, port: 1)).client }
        #expect(client("fd00:0:0:1::5") == client("fd00:0:0:1:ffff::1"))
        #expect(client("fd00:0:0:1::5") != client("fd00:0:0:2::5"))
        #expect(client("10.0.0.1") != client("10.0.0.2"))
        #expect(client("::ffff:10.0.0.1") == client("10.0.0.1"))
    }

    @Test("a cookie is found among others, and only by its whole name")
    func cookies() {
        #expect(Cookies(["cookie": "a=1; ids=2; xids=3"])["ids"] == "2")
        #expect(Cookies(["cookie": "xids=3; ids2=4"])["ids"] == nil)
        #expect(Cookies(["cookie": "ids=a=b"])["ids"] == "a=b")
        #expect(Cookies([:])["ids"] == nil)
    }
}
