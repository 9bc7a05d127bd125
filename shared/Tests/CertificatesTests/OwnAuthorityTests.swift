import Certificates
import Files
import Glibc
import ServiceTesting
import Testing

@Suite("Own authority")
struct OwnAuthorityTests {
    private let now: Int64 = 1_796_000_000
    private let names = OwnAuthority.Names(
        hosts: ["ids", "ids.local", "localhost"], addresses: ["192.168.1.5", "127.0.0.1", "::1"])
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private var authority: OwnAuthority { OwnAuthority(folder: folder.path, label: "IDS suite on ids") }

    @Test("everything is made once, and stays")
    func made() throws {
        #expect(try authority.renew(for: names, now: now) == .all)
        let fingerprint = try authority.fingerprint()
        #expect(try authority.renew(for: names, now: now + 86_400) == .nothing)
        #expect(try authority.fingerprint() == fingerprint)
        #expect(fingerprint.count == 95)
    }

    @Test("a server certificate is renewed in its last 30 days, by the same authority")
    func renewed() throws {
        _ = try authority.renew(for: names, now: now)
        let fingerprint = try authority.fingerprint()
        #expect(try authority.renew(for: names, now: now + 366 * 86_400) == .nothing)
        #expect(try authority.renew(for: names, now: now + 368 * 86_400) == .server)
        #expect(try authority.fingerprint() == fingerprint)
    }

    @Test("a new address of a private network is taken into the certificate by the same authority")
    func moved() throws {
        _ = try authority.renew(for: names, now: now)
        var moved = names
        moved.addresses[0] = "10.1.2.3"
        #expect(try authority.renew(for: moved, now: now) == .server)
        #expect(try authority.renew(for: moved, now: now) == .nothing)
    }

    @Test("for a name that the authority may not speak for there is a new authority")
    func renamed() throws {
        _ = try authority.renew(for: names, now: now)
        let fingerprint = try authority.fingerprint()
        var renamed = names
        renamed.hosts.append("sensor.example.org")
        #expect(try authority.renew(for: renamed, now: now) == .all)
        #expect(try authority.fingerprint() != fingerprint)
    }

    @Test("an authority whose time is over, or whose files are broken, is made anew")
    func broken() throws {
        _ = try authority.renew(for: names, now: now)
        #expect(try authority.renew(for: names, now: now + 3_630 * 86_400) == .all)
        try AtomicFile.replace(folder.path + "/ca.crt", with: Array("no certificate".utf8))
        #expect(try authority.renew(for: names, now: now) == .all)
        try AtomicFile.replace(authority.keyFile, with: [])
        #expect(try authority.renew(for: names, now: now) == .server)
    }

    @Test("a clock before the authority was made costs no authority")
    func wrongClock() throws {
        _ = try authority.renew(for: names, now: now)
        let fingerprint = try authority.fingerprint()
        #expect(try authority.renew(for: names, now: now - 5 * 365 * 86_400) == .nothing)
        try AtomicFile.replace(authority.keyFile, with: [])
        #expect(try authority.renew(for: names, now: 0) == .server)
        #expect(try authority.renew(for: names, now: now) == .nothing)
        #expect(try authority.fingerprint() == fingerprint)
    }

    @Test("an authority that cannot be read now is not replaced", arguments: ["ca.crt", "ca.key"])
    func unreadable(name: String) throws {
        _ = try authority.renew(for: names, now: now)
        let path = "\(folder.path)/\(name)"
        #expect(rename(path, path + ".kept") == 0 && mkdir(path, 0o700) == 0)
        #expect(throws: FileError.self) { try authority.renew(for: names, now: now + 380 * 86_400) }
        #expect(rmdir(path) == 0 && rename(path + ".kept", path) == 0)
        #expect(try authority.renew(for: names, now: now) == .nothing)
    }

    @Test("addresses outside of private networks are taken when they are named")
    func outside() throws {
        var outside = names
        outside.addresses += ["203.0.113.7", "2001:db8::7"]
        #expect(try authority.renew(for: outside, now: now) == .all)
        #expect(try authority.renew(for: outside, now: now) == .nothing)
    }
}
