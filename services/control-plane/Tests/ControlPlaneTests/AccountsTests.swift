import APIDescription
import Glibc
import HTTPServer
import HTTPTypes
import Logging
import SQLite
import ServiceTesting
import Synchronization
import Testing

@testable import ControlPlane

@Suite("Accounts")
struct AccountsTests {
    /// Seconds that a test turns by hand.
    private final class Time: Sendable {
        private let seconds = Mutex<Int64>(1_796_000_000)
        var now: Int64 { seconds.withLock { $0 } }
        func pass(_ count: Int64) { seconds.withLock { $0 += count } }
    }

    private static let password = "correct horse battery"
    private let folder: TemporaryDirectory
    private let time = Time()
    private let accounts: Accounts
    private let client = Accounts.Client(ServerRequest(.get, path: "/", peer: .network(address: "10.0.0.1", port: 1)))

    init() throws {
        folder = try TemporaryDirectory("accounts")
        accounts = try Self.open(folder, time)
    }

    private static func open(_ folder: TemporaryDirectory, _ time: Time) throws -> Accounts {
        try Accounts(Accounts.Options(folder: folder.path), logger: .silent, now: { time.now })
    }

    private func setUp() throws -> Accounts.LogIn {
        try accounts.setUp(code: try accounts.makeSetupCode(), name: "ana", password: Self.password, client)
    }

    private func identity(_ key: String, of accounts: Accounts? = nil) -> Identity? {
        let fields: HTTPFields =
            key.hasPrefix("ids_") ? ["authorization": "Bearer \(key)"] : ["cookie": "__Host-ids-8000=\(key)"]
        return (accounts ?? self.accounts).identity(
            of: ServerRequest(.get, path: "/", fields: fields, peer: .network(address: "10.0.0.1", port: 1)))
    }

    @Test("a session ends after 12 hours without a request, and not before")
    func idle() throws {
        let key = try setUp().key
        for _ in 0..<3 {
            time.pass(12 * 3_600 - 60)
            #expect(identity(key) != nil)
        }
        time.pass(12 * 3_600 - 60)
        // Looking whether it still holds does not make it last.
        let fields: HTTPFields = ["cookie": "__Host-ids-8000=\(key)"]
        let request = ServerRequest(.get, path: "/", fields: fields, peer: .network(address: "10.0.0.1", port: 1))
        #expect(accounts.identity(of: request, isUse: false) != nil)
        time.pass(61)
        #expect(identity(key) == nil)
        try accounts.cleanUp()
        #expect(accounts.sessions(of: "ana").isEmpty)
    }

    @Test("an account does as much at once as can be recorded, and goes on with time")
    func recordedSteps() throws {
        let made = try setUp()
        func step() throws {
            let token = try accounts.makeToken("t", .viewer, days: 1, for: made.identity, client).token
            try accounts.removeToken(token.id, by: made.identity, client)
        }
        for _ in 0..<AuditLog.entriesAtOnceMax / 2 - 1 { try step() }
        #expect(throws: Refusal.self) { for _ in 0..<2 { try step() } }
        let tokens = accounts.tokens(of: "ana").count
        #expect(throws: Refusal.self) { try step() }
        #expect(accounts.tokens(of: "ana").count == tokens)
        time.pass(10)
        try step()
    }

    @Test("a session ends after 7 days, however much it is used")
    func age() throws {
        let key = try setUp().key
        for _ in 0..<28 {
            #expect(identity(key) != nil)
            time.pass(6 * 3_600)
        }
        time.pass(1)
        #expect(identity(key) == nil)
    }

    @Test("use is remembered over a restart")
    func restart() throws {
        let key = try setUp().key
        time.pass(11 * 3_600)
        #expect(identity(key) != nil)
        try accounts.cleanUp()
        time.pass(11 * 3_600)
        #expect(identity(key, of: try Self.open(folder, time)) != nil)
    }

    @Test("an account has at most 20 sessions: the one that was used longest ago makes room")
    func sessionsMax() throws {
        let first = try setUp().key
        var keys: [String] = []
        for _ in 0..<Accounts.sessionsMax {
            time.pass(1)
            keys.append(try accounts.logIn("ana", password: Self.password, client).key)
        }
        #expect(identity(first) == nil)
        #expect(keys.allSatisfy { identity($0) != nil })
    }

    @Test("a token has at most the role of its owner, also when that becomes smaller")
    func tokenRole() throws {
        let ana = try setUp().identity
        try accounts.add("ben", .analyst, password: Self.password, by: ana, client)
        let ben = try accounts.logIn("ben", password: Self.password, client).identity
        #expect(throws: Refusal.self) { try accounts.makeToken("t", .admin, days: 1, for: ben, client) }
        let text = try accounts.makeToken("t", .analyst, days: 1, for: ben, client).text
        #expect(identity(text)?.role == .analyst)
        try accounts.change("ben", Accounts.Change(role: .viewer), by: ana, client)
        #expect(identity(text)?.role == .viewer)
        time.pass(86_401)
        #expect(identity(text) == nil)
    }

    @Test("a link leads in once, and for ten minutes")
    func links() throws {
        _ = try setUp()
        let (link, late) = (try accounts.makeLink(to: "ana"), try accounts.makeLink(to: nil))
        #expect(try accounts.logIn(link: link, client).identity.account.name == "ana")
        #expect(throws: Refusal.self) { try accounts.logIn(link: link, client) }
        time.pass(Accounts.linkSeconds + 1)
        #expect(throws: Refusal.self) { try accounts.logIn(link: late, client) }
        #expect(throws: NoAccountError.self) { try accounts.makeLink(to: "nobody") }
    }

    @Test("a token ends no session and takes no token away, whatever its role")
    func tokenPower() throws {
        let ana = try setUp().identity
        let made = try accounts.makeToken("t", .admin, days: 1, for: ana, client)
        let program = try #require(identity(made.text))
        #expect(throws: Refusal.self) { try accounts.endSessions(nil, program, client) }
        #expect(throws: Refusal.self) { try accounts.removeToken(made.token.id, by: program, client) }
        #expect(accounts.sessions(of: "ana").count == 1 && accounts.tokens(of: "ana").count == 1)
    }

    @Test("the first account by a link has a name with which one can log in, and no setup code is left")
    func firstByLink() throws {
        let code = try accounts.makeSetupCode()
        #expect(throws: UnfitNameError.self) { try accounts.makeLink(to: "no name") }
        #expect(accounts.needsSetup)
        let link = try accounts.makeLink(to: "Anna")
        #expect(try accounts.logIn(link: link, client).identity.account.name == "anna")
        #expect(access(SetupCodeFile.path(in: folder.path), F_OK) != 0)
        #expect(throws: Refusal.self) { try accounts.setUp(code: code, name: "eve", password: Self.password, client) }
    }

    @Test("a reset or disabled account keeps no session, token or link")
    func nothingLeft() throws {
        let ana = try setUp().identity
        for change in [Accounts.Change(password: "another good one"), Accounts.Change(isDisabled: true)] {
            let name = "ben\(time.now)"
            try accounts.add(name, .viewer, password: Self.password, by: ana, client)
            let ben = try accounts.logIn(name, password: Self.password, client)
            let token = try accounts.makeToken("t", .viewer, days: 1, for: ben.identity, client).text
            let link = try accounts.makeLink(to: name)
            try accounts.change(name, change, by: ana, client)
            try accounts.change(name, Accounts.Change(isDisabled: false), by: ana, client)
            #expect(identity(ben.key) == nil && identity(token) == nil)
            #expect(throws: Refusal.self) { try accounts.logIn(link: link, client) }
            time.pass(1)
        }
    }

    @Test("nobody sets the own password as an admin, which would leave the session its key")
    func changedOneself() throws {
        let ana = try setUp()
        let change = Accounts.Change(password: "another good one")
        #expect(throws: Refusal.self) { try accounts.change("ana", change, by: ana.identity, client) }
    }

    private func actions() throws -> [String] {
        try accounts.audit.entries(before: nil, account: nil, action: nil, limit: 100).map(\.action).reversed()
    }

    @Test("what opens a door is recorded, and what changes nothing is not")
    func recorded() throws {
        let ana = try setUp().identity
        _ = try accounts.logIn(link: try accounts.makeLink(to: "ana"), client)
        try accounts.confirm(Self.password, ana, client)
        for _ in 0..<3 { _ = try accounts.endSessions(nil, ana, client) }
        #expect(
            try actions() == [
                "make setup code", "set up", "make log-in link", "log in", "confirm password", "end session",
            ])
    }

    @Test("what cannot be recorded is not done")
    func notRecorded() throws {
        let ana = try setUp().identity
        let connection = try SQLiteConnection(path: folder.path + "/triage.db")
        try connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
        #expect(throws: (any Error).self) { try accounts.add("ben", .viewer, password: Self.password, by: ana, client) }
        #expect(throws: (any Error).self) { try accounts.logIn("ana", password: Self.password, client) }
        #expect(accounts.list().map(\.account.name) == ["ana"] && accounts.sessions(of: "ana").count == 1)
    }

    @Test("entries of the audit log go by age from the oldest, and none is replaced")
    func auditUpkeep() throws {
        _ = try setUp()
        let connection = try SQLiteConnection(path: folder.path + "/triage.db")
        #expect(throws: SQLiteError.self) {
            try connection.execute(
                "INSERT OR REPLACE INTO audit VALUES (1, 0, 'eve', '', '', 'nothing', '', NULL, NULL, 'done')")
        }
        // The database's own clock decides for how long they stay at least.
        try connection.execute("DROP TRIGGER audit_is_kept")
        time.pass(400 * 86_400)
        _ = try accounts.logIn("ana", password: Self.password, client)
        try accounts.cleanUp()
        #expect(try actions() == ["log in"])
        time.pass(400 * 86_400)
        try accounts.cleanUp()
        #expect(try actions() == [])
    }

    @Test("an old password leads nowhere once it is reset, also while that is not read yet")
    func oldPassword() throws {
        let session = try setUp().identity
        try Self.open(folder, time).resetPassword(of: "ana", to: "another good one")
        #expect(throws: Refusal.self) { try accounts.logIn("ana", password: Self.password, client) }
        #expect(throws: Refusal.self) {
            try accounts.changePassword(current: Self.password, new: "a third good one", session, client)
        }
        try accounts.refresh()
        #expect(accounts.sessions(of: "ana").isEmpty)
    }

    @Test("after a restart the places of sessions are known still")
    func knownPlaces() throws {
        _ = try setUp()
        let again = try Self.open(folder, time)
        let other = Accounts.Client(ServerRequest(.get, path: "/", peer: .network(address: "10.0.0.2", port: 1)))
        for _ in 0..<LogInThrottle.freeTries {
            #expect(throws: Refusal.self) { try again.logIn("ana", password: "wrong", other) }
        }
        _ = try again.logIn("ana", password: Self.password, client)
    }

    @Test("dangerous actions are allowed for five minutes after the password")
    func confirmation() throws {
        let logIn = try setUp()
        #expect(accounts.confirmedUntil(logIn.identity) == time.now + 300)
        time.pass(301)
        #expect(identity(logIn.key).flatMap(accounts.confirmedUntil) == nil)
        try accounts.confirm(Self.password, logIn.identity, client)
        #expect(identity(logIn.key).flatMap(accounts.confirmedUntil) == time.now + 300)
    }

    @Test("what another process has changed counts after the next look")
    func otherProcess() throws {
        let key = try setUp().key
        try accounts.refresh()
        try Self.open(folder, time).resetPassword(of: "ana", to: "another good one")
        #expect(identity(key) != nil)
        try accounts.refresh()
        #expect(identity(key) == nil)
    }

    @Test("the database of a later release is refused")
    func laterRelease() throws {
        let connection = try SQLiteConnection(path: folder.path + "/triage.db")
        try connection.execute("UPDATE schema SET version = 99 WHERE area = 'accounts'")
        #expect(throws: Schema.NewerError.self) { try Self.open(folder, time) }
    }

    @Test("a code is read as it may be typed", arguments: ["0123A-BCDEF", "o123a bcdef", "OI23ABCDEF", "0L23abcdef"])
    func typed(code: String) {
        #expect(["0123ABCDEF"].contains(RandomCode.typed(code)))
    }
}
