import Foundation
import Logging
import ServiceTesting
import Testing

@testable import RedisStreams

/// Certificates of one authority, made on the spot.
private struct Certificates {
    let directory: TemporaryDirectory

    static let openssl: String? = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    init() throws {
        directory = try TemporaryDirectory("certificates")
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt"
        )
        try sign("server", "DNS:localhost,IP:127.0.0.1")
        try sign("stranger", "DNS:elsewhere.example")
        try sign("client", "DNS:client")
    }

    func file(_ name: String) -> String { directory.file(name) }

    private func sign(_ name: String, _ names: String) throws {
        try "subjectAltName=\(names)\n".write(toFile: file("\(name).ext"), atomically: true, encoding: .utf8)
        try openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) -keyout \(name).key -out \(name).csr"
        )
        try openssl(
            "x509 -req -in \(name).csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile \(name).ext -out \(name).crt"
        )
    }

    private func openssl(_ words: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl ?? "/usr/bin/openssl")
        process.arguments = words.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

@Suite("TLS", .realRedis, .enabled(if: Certificates.openssl != nil, "no openssl to make certificates with"))
struct TLSTests {
    /// A server that speaks TLS beside plain text, with the certificate of that name.
    private static func fixture(_ certificates: Certificates, _ name: String, _ extra: [String] = []) throws -> (
        RedisFixture, Int
    ) {
        let port = try freePort()
        let fixture = try RedisFixture(
            [
                "--tls-port", "\(port)", "--tls-cert-file", certificates.file("\(name).crt"), "--tls-key-file",
                certificates.file("\(name).key"), "--tls-ca-cert-file", certificates.file("ca.crt"),
                "--tls-auth-clients", "no",
            ] + extra)
        return (fixture, port)
    }

    @Test(
        "A server with a certificate of the own authority is trusted, by name and by address",
        arguments: ["localhost", "127.0.0.1"])
    func trusted(host: String) throws {
        let certificates = try Certificates()
        let (fixture, port) = try Self.fixture(certificates, "server")
        let client = Client(fixture) {
            ($0.host, $0.port, $0.usesTLS, $0.caFile) = (host, port, true, certificates.file("ca.crt"))
        }
        let large = [UInt8](repeating: 9, count: 3_000_000)
        #expect(try client.link.call(["SET", "x", .bytes(large)]) == .status("OK"))
        #expect(try client.link.call(["GET", "x"])?.bytes == large)
        let consumer = client.consumer()
        try fixture.call("XADD", "ids:raw", "*", "b", .bytes(payload()))
        #expect(try consumer.next(count: 1, blockMilliseconds: 30_000).count == 1)
    }

    @Test("Another name, an unknown authority and a plain server are refused")
    func refused() throws {
        let certificates = try Certificates()
        let (stranger, strangerPort) = try Self.fixture(certificates, "stranger")
        let other = Client(stranger) {
            ($0.port, $0.usesTLS, $0.caFile) = (strangerPort, true, certificates.file("ca.crt"))
        }
        #expect(try other.link.call(["PING"]) == nil)
        #expect(other.link.fault?.code == .tls && other.link.fault?.message.contains("mismatch") == true)

        let untrusting = Client(stranger) { ($0.port, $0.usesTLS) = (strangerPort, true) }
        #expect(try untrusting.link.call(["PING"]) == nil)
        #expect(untrusting.link.fault?.code == .tls)

        let plain = Client(stranger) { ($0.usesTLS, $0.connectTimeoutMilliseconds) = (true, 500) }
        #expect(try plain.link.call(["PING"]) == nil)
        #expect(plain.link.fault != nil)

        let missing = Client(stranger) { ($0.port, $0.usesTLS, $0.caFile) = (strangerPort, true, "/no/such/file") }
        #expect(try missing.link.call(["PING"]) == nil)
        #expect(missing.link.fault?.message.contains("/no/such/file") == true)
    }

    @Test("A server that asks for a certificate gets the one of the settings")
    func clientCertificate() throws {
        let certificates = try Certificates()
        let (fixture, port) = try Self.fixture(certificates, "server", ["--tls-auth-clients", "yes"])
        func client(_ name: String?) -> Client {
            Client(fixture) {
                ($0.port, $0.usesTLS, $0.caFile) = (port, true, certificates.file("ca.crt"))
                $0.certificateFile = name.map { certificates.file("\($0).crt") }
                $0.keyFile = name.map { certificates.file("\($0).key") }
            }
        }
        #expect(try client("client").link.call(["PING"]) == .status("PONG"))
        #expect(try client(nil).link.call(["PING"]) == nil)
    }
}
