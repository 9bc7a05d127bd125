import APIDescription
import HTTPServer
import HTTPTypes
import Lifecycle
import Logging
import Metrics
import SQLite
import Synchronization

/// Who may use the control plane, and who is logged in.
///
/// The truth is in `triage.db`, where every change goes first. All of it is also in memory, because the server asks for each
/// request who sends it, and must not wait for a disk; what another process has changed (`control-plane reset-password`) is
/// read within a second.
final class Accounts: Sendable {
    /// What is set.
    struct Options: Sendable {
        /// The data folder.
        var folder: String
        var sessionIdleSeconds: Int64 = 12 * 3_600
        var sessionAgeSeconds: Int64 = 7 * 86_400
        /// Whether browsers come over TLS.
        var isEncrypted = true
        /// The port of the page.
        var port = 8_000
        var auditDays = 365

        /// `__Host-`: browsers take it over TLS alone, and for this host alone. Of all its ports, so that each has a name of
        /// its own: who logs in here stays logged in at a neighbour.
        var cookieName: String { "\(isEncrypted ? "__Host-" : "")ids-\(port)" }
    }

    /// How long a password that was typed is good for dangerous actions.
    static let confirmationSeconds: Int64 = 300
    /// How long a link to log in is good.
    static let linkSeconds: Int64 = 600
    /// Wrong setup codes before there is a new one.
    static let setupTriesMax = 10
    static let accountsMax = 200
    static let sessionsMax = 20
    static let tokensMax = 50
    /// Requests of one session or token in a second.
    static let requestsPerSecond = 100
    /// A use is noted when the last one is so long ago.
    private static let useSeconds: Int64 = 60

    /// What is in memory of the tables.
    private struct Known {
        var accounts: [String: Account] = [:]
        /// By the hash of their keys.
        var sessions: [String: Session] = [:]
        var tokens: [String: Token] = [:]
        /// Requests within one second, by the same hash.
        var requests: (second: Int64, counts: [String: Int]) = (0, [:])
        /// Hashes of what was used and is not noted yet.
        var unnoted: Set<String> = []
    }

    /// The connection, and what it has seen of other processes' changes.
    private struct Store {
        let connection: SQLiteConnection
        var version: Int64 = 0
    }

    let options: Options
    let audit: AuditLog
    private let logger: Logger
    private let passwords: PasswordCheck
    private let store: Mutex<Store>
    private let known = Mutex(Known())
    private let throttle = Mutex(LogInThrottle())
    private let counters: LogInCounters
    private let now: @Sendable () -> Int64

    /// Opens the data folder's tables.
    ///
    /// - Throws: `SQLiteError`, ``Schema/NewerError``, `PasswordError`.
    init(
        _ options: Options, logger: Logger, metrics: MetricsRegistry = MetricsRegistry(prefix: ""),
        now: @escaping @Sendable () -> Int64 = { WallClock.seconds() }
    ) throws {
        (self.options, self.logger, self.now) = (options, logger, now)
        counters = LogInCounters(metrics)
        passwords = try PasswordCheck()
        store = Mutex(Store(connection: try TriageDatabase.open(in: options.folder, AccountTables.schema)))
        audit = try AuditLog(in: options.folder, logger: logger, now: now)
        try change { _ in }
        for session in known.withLock({ Array($0.sessions.values) }) {
            let client = ClientAddress(.network(address: session.address, port: 0))
            throttle.withLock { $0.know(account: session.account, client: client) }
        }
        let sessions = metrics.gauge("sessions", help: "Sessions that have not ended.")
        metrics.collect { [weak self] in
            if let self { sessions.set(Double(known.withLock { $0.sessions.values.count(where: isCurrent) })) }
        }
    }

    // MARK: - The store

    /// Changes the tables, all or nothing, and then what is in memory.
    private func change<Result: Sendable>(_ body: @Sendable (AccountTables) throws -> Result) throws -> Result {
        try store.withLock { store in
            let tables = AccountTables(connection: store.connection)
            let result = try store.connection.transaction { try body(tables) }
            try load(tables)
            return result
        }
    }

    private func load(_ tables: AccountTables) throws {
        let (accounts, sessions, tokens) = (try tables.accounts(), try tables.sessions(), try tables.tokens())
        known.withLock { known in
            let before = known
            known.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, $0) })
            known.sessions = sessions.reduce(into: [:]) { result, session in
                var session = session
                session.usedAt = max(session.usedAt, before.sessions[session.keyHash]?.usedAt ?? 0)
                result[session.keyHash] = session
            }
            known.tokens = tokens.reduce(into: [:]) { result, token in
                var token = token
                token.usedAt = before.tokens[token.keyHash]?.usedAt ?? token.usedAt
                result[token.keyHash] = token
            }
        }
    }

    /// To be called about every second: reads what other processes have changed.
    func refresh() throws {
        try store.withLock { store in
            let version = try store.connection.integer("PRAGMA data_version") ?? 0
            guard version != store.version else { return }
            store.version = version
            try load(AccountTables(connection: store.connection))
        }
    }

    /// To be called about every minute: notes what was used, and takes away what is over.
    func cleanUp() throws {
        let (sessions, tokens) = known.withLock { known in
            defer { known.unnoted = [] }
            return (
                known.unnoted.compactMap { known.sessions[$0] }, known.unnoted.compactMap { known.tokens[$0] }
            )
        }
        try change { tables in
            try tables.noteUse(sessions, tokens)
            try tables.removeExpired(
                now: now(), idleSeconds: options.sessionIdleSeconds, ageSeconds: options.sessionAgeSeconds)
        }
        try audit.removeOld(days: options.auditDays)
    }

    // MARK: - Who sends a request

    /// Who sends the request, by a token or by a session's cookie; does not block.
    ///
    /// - Parameter isUse: whether a session goes on by it; not when it is only looked whether it still holds.
    func identity(of request: ServerRequest, isUse: Bool = true) -> Identity? {
        guard let hash = keyHash(of: request) else { return nil }
        return known.withLock { known in
            guard let identity = identity(hash, known) else { return nil }
            guard isUse else { return identity }
            switch identity.proof {
            case .session(let session) where now() - session.usedAt >= Self.useSeconds:
                known.sessions[hash]?.usedAt = now()
                known.unnoted.insert(hash)
            case .token(let token) where now() - (token.usedAt ?? 0) >= Self.useSeconds:
                known.tokens[hash]?.usedAt = now()
                known.unnoted.insert(hash)
            default: break
            }
            return identity
        }
    }

    /// Refuses more requests of one session or token than a person or program needs; does not block.
    func refusal(of request: ServerRequest) -> Problem? {
        guard let hash = keyHash(of: request) else { return nil }
        return known.withLock { known in
            guard known.sessions[hash] != nil || known.tokens[hash] != nil else { return nil }
            if known.requests.second != now() { known.requests = (now(), [:]) }
            known.requests.counts[hash, default: 0] += 1
            guard known.requests.counts[hash, default: 0] > Self.requestsPerSecond else { return nil }
            return Problem(
                .tooManyRequests, "more than \(Self.requestsPerSecond) requests in a second",
                fields: ["retry-after": "1"])
        }
    }

    private func keyHash(of request: ServerRequest) -> String? {
        let fields = request.head.fields
        if let words = fields["authorization"]?.split(separator: " "), words.count == 2,
            words[0].lowercased() == "bearer", words[1].hasPrefix(Token.prefix)
        {
            return RandomCode.hash(String(words[1]))
        }
        return Cookies(fields)[options.cookieName].map(RandomCode.hash)
    }

    private func identity(_ hash: String, _ known: Known) -> Identity? {
        if let session = known.sessions[hash], let account = known.accounts[session.account], !account.isDisabled,
            isCurrent(session)
        {
            return Identity(account: account, role: account.role, proof: .session(session))
        }
        if let token = known.tokens[hash], let account = known.accounts[token.account], !account.isDisabled,
            now() <= token.expiresAt
        {
            return Identity(account: account, role: min(token.role, account.role), proof: .token(token))
        }
        return nil
    }

    private func isCurrent(_ session: Session) -> Bool {
        now() - session.usedAt <= options.sessionIdleSeconds && now() - session.createdAt <= options.sessionAgeSeconds
    }

    /// Until when dangerous actions need no password again; nil when they do.
    func confirmedUntil(_ identity: Identity) -> Int64? {
        guard let session = identity.session else { return nil }
        let end = session.confirmedAt + Self.confirmationSeconds
        return end >= now() ? end : nil
    }

    // MARK: - The first account

    /// Whether there is no account yet.
    var needsSetup: Bool { known.withLock { $0.accounts.isEmpty } }

    /// When there is no account: makes one with this password, or a code with which the first one is made in the page.
    ///
    /// - Parameter password: empty for none.
    /// - Throws: ``UnfitPasswordError``, `SQLiteError`, `FileError`.
    func prepareFirstStart(password: String) throws {
        guard needsSetup else { return removeSetupCodeFile() }
        guard password.isEmpty else {
            if let fault = PasswordCheck.fault(in: password, of: "admin") {
                throw UnfitPasswordError(description: "web.admin_password: \(fault)")
            }
            let hash = try passwords.hash(of: password)
            let account = newAccount("admin", .admin, hash)
            try change { tables in
                try tables.setSetupCode(nil)
                try tables.put(account)
                try recordHere("make user", "admin", after: "admin", tables)
            }
            return removeSetupCodeFile()
        }
        try announce(try makeSetupCode())
    }

    /// Makes a new setup code, in place of the one before.
    func makeSetupCode() throws -> String {
        let code = RandomCode.make(characters: 10)
        try change { tables in
            try tables.setSetupCode(RandomCode.hash(code))
            try recordHere("make setup code", "", tables)
        }
        try SetupCodeFile.write(code, in: options.folder)
        return SetupCodeFile.shown(code)
    }

    private func announce(_ code: String) throws {
        logger.notice(
            "there is no account yet: open the page and enter this setup code",
            ["code": code, "file": SetupCodeFile.path(in: options.folder)])
    }

    private func removeSetupCodeFile() { SetupCodeFile.remove(in: options.folder) }

    /// Makes the first account, and logs it in.
    ///
    /// - Throws: a refusal.
    func setUp(code: String, name: String, password: String, _ client: Client) throws -> LogIn {
        guard needsSetup else { throw Self.alreadySetUp }
        try admitTry(account: nil, client)
        try check(newName: name, at: "/user")
        try check(password, of: name, at: "/password")
        let hash = try passwords.hash(of: password)
        let given = RandomCode.hash(RandomCode.typed(code))
        enum Outcome: Sendable {
            case made(LogIn)
            case exists
            case wrong(triesLeft: Int)
        }
        let key = RandomCode.key
        let outcome = try change { tables -> Outcome in
            guard try tables.accounts().isEmpty else { return .exists }
            let known = try tables.setupCode()
            guard let known, known.hash == given else {
                let tries = (known?.tries ?? 0) + 1
                try tables.setSetupCode(known?.hash, tries: tries)
                return .wrong(triesLeft: known == nil ? 0 : Self.setupTriesMax - tries)
            }
            try tables.setSetupCode(nil)
            try tables.put(newAccount(name, .admin, hash))
            let made = try logIn(name, key, client, tables)
            try record("set up", name, client, made.identity, in: tables)
            return .made(made)
        }
        switch outcome {
        case .exists: throw Self.alreadySetUp
        case .made(let made):
            throttle.withLock { $0.succeeded(account: name, client: client.address) }
            removeSetupCodeFile()
            return made
        case .wrong(let triesLeft):
            counters.wrong.add()
            try record("set up", "", client, result: "wrong code")
            if triesLeft <= 0 { try announce(try makeSetupCode()) }
            let rest = triesLeft <= 0 ? "there is a new one in the log now" : "\(triesLeft) tries are left"
            throw Problem(.forbidden, "this is not the setup code; \(rest)", part: "code").refusal
        }
    }

    private static let alreadySetUp = Problem(.conflict, "there is an account already; log in").refusal

    // MARK: - Logging in and out

    /// A new session.
    struct LogIn: Sendable {
        let identity: Identity
        /// What the browser keeps.
        let key: String
    }

    /// Where a request comes from.
    struct Client: Sendable {
        let address: ClientAddress
        let agent: String

        init(_ request: ServerRequest) {
            address = ClientAddress(request.peer)
            agent = String(decoding: (request.head.fields["user-agent"] ?? "").utf8.prefix(256), as: UTF8.self)
        }
    }

    /// Logs in by name and password.
    ///
    /// - Throws: a refusal, the same for a wrong name and a wrong password.
    func logIn(_ name: String, password: String, _ client: Client) throws -> LogIn {
        let name = name.lowercased()
        let verified = try verify(password, of: name, client, action: "log in", wrong: wrongPassword)
        let key = RandomCode.key
        return try change { tables in
            // It may have been reset, or disabled, while it was verified.
            guard let account = try tables.account(name), account.passwordHash == verified, !account.isDisabled else {
                throw wrongPassword
            }
            let made = try logIn(name, key, client, tables)
            try record("log in", name, client, made.identity, in: tables)
            return made
        }
    }

    /// Logs in by a link of ``makeLink(to:)``.
    func logIn(link: String, _ client: Client) throws -> LogIn {
        try admitTry(account: nil, client)
        let key = RandomCode.key
        let made = try change { tables -> LogIn? in
            guard let name = try tables.takeLink(RandomCode.hash(RandomCode.typed(link)), now: now()),
                try tables.account(name)?.isDisabled == false
            else { return nil }
            let made = try logIn(name, key, client, tables)
            try record("log in", name, client, made.identity, in: tables)
            return made
        }
        guard let made else {
            counters.wrong.add()
            try record("log in", "", client, result: "link of no use")
            throw Problem(.unauthorized, "this link is used up or too old; make a new one", part: "link").refusal
        }
        throttle.withLock { $0.succeeded(account: made.identity.account.name, client: client.address) }
        return made
    }

    /// Makes a link's code, good for one log-in; the account of that name is made when there is none at all.
    ///
    /// - Parameter name: nil for the first admin.
    /// - Throws: ``NoAccountError``, ``UnfitNameError``.
    func makeLink(to name: String?) throws -> String {
        let name = name?.lowercased()
        let code = RandomCode.make(characters: 26)
        try change { tables in
            let accounts = try tables.accounts()
            if accounts.isEmpty {
                let first = name ?? "admin"
                guard Account.isName(first) else { throw UnfitNameError() }
                try tables.setSetupCode(nil)
                try tables.put(newAccount(first, .admin, ""))
                try recordHere("make user", first, after: "admin", tables)
            }
            let found = try tables.accounts().first {
                name == nil ? $0.role == .admin && !$0.isDisabled : $0.name == name
            }
            guard let found else { throw NoAccountError(name: name ?? "admin", others: accounts.map(\.name)) }
            try tables.addLink(RandomCode.hash(code), to: found.name, expiresAt: now() + Self.linkSeconds)
            try recordHere("make log-in link", found.name, tables)
        }
        removeSetupCodeFile()
        return code
    }

    /// Ends the session of a request, if it has one.
    func logOut(_ identity: Identity, _ client: Client) throws {
        guard let session = identity.session else { return }
        try change { tables in
            guard try tables.removeSession(session.id, of: session.account) else { return }
            try record("log out", session.account, client, identity, in: tables)
        }
    }

    /// Takes the password again, for dangerous actions.
    func confirm(_ password: String, _ identity: Identity, _ client: Client) throws {
        guard let session = identity.session else { throw Self.notForTokens }
        guard !identity.account.passwordHash.isEmpty else {
            throw Problem(.forbidden, "this account has no password yet; set one", part: "/password").refusal
        }
        _ = try verify(
            password, of: identity.account.name, client, action: "confirm password", wrong: Self.wrong(at: "/password"))
        try change { tables in
            try tables.noteConfirmation(session.id, at: now())
            try record("confirm password", identity.account.name, client, identity, in: tables)
        }
    }

    static let notForTokens = Problem(.forbidden, "an API token may not do this; log in").refusal

    private func logIn(_ name: String, _ key: String, _ client: Client, _ tables: AccountTables) throws -> LogIn {
        guard var account = try tables.account(name) else { throw wrongPassword }
        account.loggedInAt = now()
        try tables.put(account)
        let session = Session(
            id: 0, keyHash: RandomCode.hash(key), account: name, createdAt: now(), usedAt: now(), confirmedAt: now(),
            address: client.address.text, agent: client.agent)
        let kept = try tables.add(session, sessionsMax: Self.sessionsMax)
        counters.done.add()
        return LogIn(identity: Identity(account: account, role: account.role, proof: .session(kept)), key: key)
    }

    /// - Parameter wrong: thrown for a wrong password.
    /// - Returns: the hash that it has.
    private func verify(
        _ password: String, of name: String, _ client: Client, action: String, wrong: Refusal
    ) throws -> String {
        try admitTry(account: name, client)
        let account = known.withLock { $0.accounts[name] }
        guard passwords.verify(password, against: account?.passwordHash), let account, !account.isDisabled else {
            counters.wrong.add()
            // Somebody may have typed a password in the place of a name.
            try record(action, account == nil ? "" : name, client, result: "wrong name or password")
            throw wrong
        }
        throttle.withLock { $0.succeeded(account: name, client: client.address) }
        return account.passwordHash
    }

    private var wrongPassword: Refusal { Problem(.unauthorized, "the name or the password is wrong").refusal }

    /// Not 401, which would say that the session is not good.
    private static func wrong(at part: String) -> Refusal {
        Problem(.forbidden, "the password is wrong", part: part).refusal
    }

    private func admitTry(account: String?, _ client: Client) throws {
        let wait = throttle.withLock { $0.begin(account: account, client: client.address, now: now()) }
        guard let wait else { return }
        counters.slowed.add()
        throw Problem(
            .tooManyRequests, "too many tries; the next one is taken in \(wait) s", fields: ["retry-after": "\(wait)"]
        ).refusal
    }

    // MARK: - Own account

    /// Sets a new password, ends all other sessions, takes links away, and gives this session a new key; tokens stay.
    func changePassword(current: String?, new: String, _ identity: Identity, _ client: Client) throws -> LogIn {
        guard identity.session != nil else { throw Self.notForTokens }
        let name = identity.account.name
        var verified = ""
        if !identity.account.passwordHash.isEmpty {
            verified = try verify(
                current ?? "", of: name, client, action: "change password", wrong: Self.wrong(at: "/current"))
        }
        try check(new, of: name, at: "/new")
        let (hash, key) = (try passwords.hash(of: new), RandomCode.key)
        return try change { [verified] tables in
            guard var account = try tables.account(name), account.passwordHash == verified, !account.isDisabled else {
                throw wrongPassword
            }
            (account.passwordHash, account.passwordChangedAt) = (hash, now())
            try tables.put(account)
            try tables.removeSessions(of: name)
            try tables.removeLinks(to: name)
            try record("change password", name, client, identity, in: tables)
            return try logIn(name, key, client, tables)
        }
    }

    /// The current sessions of an account, the newest first.
    func sessions(of name: String) -> [Session] {
        known.withLock { known in known.sessions.values.filter { $0.account == name && isCurrent($0) } }
            .sorted { $0.id > $1.id }
    }

    /// Ends one session of the caller's account, or all but the caller's own.
    ///
    /// - Returns: whether there was one to end.
    func endSessions(_ id: Int64?, _ identity: Identity, _ client: Client) throws -> Bool {
        guard identity.session != nil else { throw Self.notForTokens }
        let name = identity.account.name
        return try change { tables in
            let isDone =
                if let id {
                    try tables.removeSession(id, of: name)
                } else {
                    try tables.removeSessions(of: name, except: identity.session?.id)
                }
            if isDone {
                try record("end session", id.map { "\($0)" } ?? "all others", client, identity, in: tables)
            }
            return isDone
        }
    }

    // MARK: - Accounts

    /// All accounts, by name, with how many sessions and tokens they have.
    func list() -> [(account: Account, sessions: Int, tokens: Int)] {
        known.withLock { known in
            known.accounts.values.sorted { $0.name < $1.name }.map { account in
                (
                    account, known.sessions.values.count { $0.account == account.name && isCurrent($0) },
                    known.tokens.values.count { $0.account == account.name }
                )
            }
        }
    }

    /// What is changed of an account; nil leaves it as it is.
    struct Change: Sendable {
        var role: Role?
        var isDisabled: Bool?
        var password: String?
    }

    func add(_ name: String, _ role: Role, password: String, by identity: Identity, _ client: Client) throws {
        try check(newName: name, at: "/name")
        try check(password, of: name, at: "/password")
        let account = newAccount(name, role, try passwords.hash(of: password))
        try change { tables in
            let accounts = try tables.accounts()
            guard !accounts.contains(where: { $0.name == name }) else {
                throw Problem(.conflict, "there is a user \(name) already").refusal
            }
            guard accounts.count < Self.accountsMax else {
                throw Problem(.conflict, "there are \(Self.accountsMax) users, more are not kept").refusal
            }
            try tables.put(account)
            try record("make user", name, client, identity, after: role.rawValue, in: tables)
        }
    }

    /// Changes an account, ends its sessions but the caller's, and takes its links away; with a new password, or when it is
    /// disabled, its tokens as well.
    func change(_ name: String, _ change: Change, by identity: Identity, _ client: Client) throws {
        if let password = change.password {
            // That gives the session a new key.
            guard name != identity.account.name else {
                throw Problem(.conflict, "your own password is set with the account", part: "/password").refusal
            }
            try check(password, of: name, at: "/password")
        }
        let hash = try change.password.map { try passwords.hash(of: $0) }
        try self.change { tables in
            guard let before = try tables.account(name) else { throw Self.noUser(name) }
            var after = before
            after.role = change.role ?? before.role
            after.isDisabled = change.isDisabled ?? before.isDisabled
            if let hash { (after.passwordHash, after.passwordChangedAt) = (hash, now()) }
            try tables.put(after)
            try Self.checkAdmin(tables)
            try tables.removeSessions(of: name, except: name == identity.account.name ? identity.session?.id : nil)
            try tables.removeLinks(to: name)
            if hash != nil || after.isDisabled { try tables.removeTokens(of: name) }
            try record(
                "change user", name, client, identity, before: Self.words(before, nil),
                after: Self.words(after, change.password), in: tables)
        }
    }

    func remove(_ name: String, by identity: Identity, _ client: Client) throws {
        try change { tables in
            guard let before = try tables.account(name) else { throw Self.noUser(name) }
            try tables.removeAccount(name)
            try Self.checkAdmin(tables)
            try record("remove user", name, client, identity, before: before.role.rawValue, in: tables)
        }
    }

    /// Sets a password from this machine: ends all sessions, takes tokens and links away, and lets a disabled account in again.
    ///
    /// - Throws: ``NoAccountError``; ``UnfitPasswordError``.
    func resetPassword(of name: String, to password: String) throws {
        if let fault = PasswordCheck.fault(in: password, of: name) { throw UnfitPasswordError(description: fault) }
        let hash = try passwords.hash(of: password)
        try change { tables in
            guard var account = try tables.account(name) else {
                throw NoAccountError(name: name, others: try tables.accounts().map(\.name))
            }
            (account.passwordHash, account.passwordChangedAt, account.isDisabled) = (hash, now(), false)
            try tables.put(account)
            try tables.removeSessions(of: name)
            try tables.removeLinks(to: name)
            try tables.removeTokens(of: name)
            try recordHere("reset password", name, tables)
        }
    }

    private static func noUser(_ name: String) -> Refusal {
        Problem(.notFound, "there is no user of that name").refusal
    }

    private static func checkAdmin(_ tables: AccountTables) throws {
        guard try tables.accounts().contains(where: { $0.role == .admin && !$0.isDisabled }) else {
            throw Problem(.conflict, "this is the last admin, and one has to stay").refusal
        }
    }

    private static func words(_ account: Account, _ password: String?) -> String {
        account.role.rawValue + (account.isDisabled ? ", disabled" : "") + (password == nil ? "" : ", new password")
    }

    private func newAccount(_ name: String, _ role: Role, _ hash: String) -> Account {
        Account(
            name: name, role: role, passwordHash: hash, isDisabled: false, createdAt: now(),
            passwordChangedAt: hash.isEmpty ? nil : now(), loggedInAt: nil)
    }

    private func check(newName name: String, at part: String) throws {
        guard Account.isName(name) else {
            throw Problem(
                .unprocessableContent, UnfitNameError().description, part: part
            ).refusal
        }
    }

    private func check(_ password: String, of name: String, at part: String) throws {
        if let fault = PasswordCheck.fault(in: password, of: name) {
            throw Problem(.unprocessableContent, fault, part: part).refusal
        }
    }

    // MARK: - Tokens

    /// The tokens of an account, or of all.
    func tokens(of name: String?) -> [Token] {
        known.withLock { known in known.tokens.values.filter { name == nil || $0.account == name } }
            .sorted { $0.id < $1.id }
    }

    /// Makes a token; its text is not to be had again.
    func makeToken(
        _ name: String, _ role: Role, days: Int, for identity: Identity, _ client: Client
    ) throws -> (token: Token, text: String) {
        guard identity.session != nil else { throw Self.notForTokens }
        guard role <= identity.role else {
            throw Problem(.forbidden, "a token has at most its owner's role, \(identity.role.rawValue)", part: "/role")
                .refusal
        }
        let text = Token.prefix + RandomCode.key
        let new = Token(
            id: 0, keyHash: RandomCode.hash(text), account: identity.account.name, name: name, role: role,
            createdAt: now(), expiresAt: now() + Int64(days) * 86_400, usedAt: nil)
        let token = try change { tables in
            guard try tables.tokens().count(where: { $0.account == new.account }) < Self.tokensMax else {
                throw Problem(.conflict, "you have \(Self.tokensMax) tokens; delete one first").refusal
            }
            try record("make token", name, client, identity, after: "\(role.rawValue), \(days) days", in: tables)
            return try tables.add(new)
        }
        return (token, text)
    }

    /// Takes a token away: the caller's own, or for an admin anybody's.
    func removeToken(_ id: Int64, by identity: Identity, _ client: Client) throws {
        guard identity.session != nil else { throw Self.notForTokens }
        try change { tables in
            let token = try tables.tokens().first { $0.id == id }
            guard let token, token.account == identity.account.name || identity.role == .admin else {
                throw Problem(.notFound, "there is no such token").refusal
            }
            try tables.removeToken(id)
            try record(
                "remove token", token.name, client, identity, before: "\(token.role.rawValue) of \(token.account)",
                in: tables)
        }
    }

    // MARK: - What is recorded

    /// - Parameter tables: of the transaction that does it; nil for what has failed.
    private func record(
        _ action: String, _ target: String, _ client: Client, _ identity: Identity? = nil, before: String? = nil,
        after: String? = nil, result: String = "done", in tables: AccountTables? = nil
    ) throws {
        try audit.record(
            AuditLog.Entry(
                account: identity?.account.name ?? "", role: identity?.role.rawValue ?? "",
                address: client.address.text, action: action, target: target, before: before, after: after,
                result: result), in: tables?.connection)
    }

    /// What a program of this machine has done.
    private func recordHere(
        _ action: String, _ target: String, after: String? = nil, _ tables: AccountTables
    ) throws {
        try audit.record(
            AuditLog.Entry(
                account: "", role: "", address: "this machine", action: action, target: target, after: after,
                result: "done"), in: tables.connection)
    }
}

/// How tries to log in have ended.
private struct LogInCounters: Sendable {
    let done: Counter
    let wrong: Counter
    let slowed: Counter

    init(_ metrics: MetricsRegistry) {
        func counter(_ result: String) -> Counter {
            metrics.counter(
                "log_ins_total", help: "Tries to log in, by how they ended; `slowed` are those that came too soon.",
                labels: [("result", result)])
        }
        (done, wrong, slowed) = (counter("done"), counter("wrong"), counter("slowed"))
    }
}

/// There is no such account.
struct NoAccountError: Error, CustomStringConvertible {
    let name: String
    let others: [String]

    var description: String {
        "there is no user \(name)" + (others.isEmpty ? "" : "; there are: \(others.joined(separator: ", "))")
    }
}

/// A new name that is not taken.
struct UnfitNameError: Error, CustomStringConvertible {
    let description = "a name has 1 to 32 small letters, digits, `.`, `_`, `-`, and begins with a letter or digit"
}

/// A new password that is not taken.
struct UnfitPasswordError: Error, CustomStringConvertible {
    let description: String
}
