import APIDescription
import SQLite

/// The tables of accounts, sessions, tokens and codes; used within a transaction.
struct AccountTables {
    static let schema = Schema(
        area: "accounts",
        steps: [
            """
            CREATE TABLE users (
              name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,
              created INTEGER NOT NULL, password_changed INTEGER, logged_in INTEGER) WITHOUT ROWID;
            CREATE TABLE sessions (
              id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,
              user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, created INTEGER NOT NULL, used INTEGER NOT NULL,
              confirmed INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
            CREATE INDEX sessions_user ON sessions(user);
            CREATE TABLE tokens (
              id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,
              user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, name TEXT NOT NULL, role TEXT NOT NULL,
              created INTEGER NOT NULL, expires INTEGER NOT NULL, used INTEGER);
            CREATE INDEX tokens_user ON tokens(user);
            CREATE TABLE setup_code (id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL, tries INTEGER NOT NULL);
            CREATE TABLE login_links (
              key TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, expires INTEGER NOT NULL
            ) WITHOUT ROWID;
            """
        ])

    let connection: SQLiteConnection

    // MARK: - Accounts

    func accounts() throws -> [Account] {
        try connection.rows(
            "SELECT name, role, password, disabled, created, password_changed, logged_in FROM users ORDER BY name"
        ) { row in
            Account(
                name: row.text(at: 0) ?? "", role: Self.role(row, 1), passwordHash: row.text(at: 2) ?? "",
                isDisabled: row.integer(at: 3) != 0, createdAt: row.integer(at: 4) ?? 0,
                passwordChangedAt: row.integer(at: 5), loggedInAt: row.integer(at: 6))
        }
    }

    func account(_ name: String) throws -> Account? { try accounts().first { $0.name == name } }

    func put(_ account: Account) throws {
        try connection.run(
            """
            INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET role = excluded.role,
            password = excluded.password, disabled = excluded.disabled, password_changed = excluded.password_changed,
            logged_in = excluded.logged_in
            """, .text(account.name), .text(account.role.rawValue), .text(account.passwordHash),
            .integer(account.isDisabled ? 1 : 0), .integer(account.createdAt), .integer(account.passwordChangedAt),
            .integer(account.loggedInAt))
    }

    func removeAccount(_ name: String) throws { try connection.run("DELETE FROM users WHERE name = ?", .text(name)) }

    // MARK: - Sessions

    func sessions() throws -> [Session] {
        try connection.rows(
            "SELECT id, key, user, created, used, confirmed, address, agent FROM sessions ORDER BY id"
        ) { row in
            Session(
                id: row.integer(at: 0) ?? 0, keyHash: row.text(at: 1) ?? "", account: row.text(at: 2) ?? "",
                createdAt: row.integer(at: 3) ?? 0, usedAt: row.integer(at: 4) ?? 0,
                confirmedAt: row.integer(at: 5) ?? 0, address: row.text(at: 6) ?? "", agent: row.text(at: 7) ?? "")
        }
    }

    /// Adds a session, in place of the oldest when the account has too many.
    /// - Returns: the session with its number.
    func add(_ session: Session, sessionsMax: Int) throws -> Session {
        try connection.run(
            "INSERT INTO sessions (key, user, created, used, confirmed, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)",
            .text(session.keyHash), .text(session.account), .integer(session.createdAt), .integer(session.usedAt),
            .integer(session.confirmedAt), .text(session.address), .text(session.agent))
        var session = session
        session.id = connection.lastInsertedRow
        try connection.run(
            "DELETE FROM sessions WHERE user = ?1 AND id NOT IN "
                + "(SELECT id FROM sessions WHERE user = ?1 ORDER BY used DESC, id DESC LIMIT ?2)",
            .text(session.account), .integer(Int64(sessionsMax)))
        return session
    }

    func noteConfirmation(_ id: Int64, at time: Int64) throws {
        try connection.run("UPDATE sessions SET confirmed = ? WHERE id = ?", .integer(time), .integer(id))
    }

    /// - Returns: whether the account has it.
    func removeSession(_ id: Int64, of account: String) throws -> Bool {
        try connection.run("DELETE FROM sessions WHERE id = ? AND user = ?", .integer(id), .text(account))
        return connection.changedRowCount > 0
    }

    /// Ends all sessions of an account but one.
    ///
    /// - Returns: whether there were any.
    @discardableResult func removeSessions(of account: String, except id: Int64? = nil) throws -> Bool {
        try connection.run("DELETE FROM sessions WHERE user = ? AND id IS NOT ?", .text(account), .integer(id))
        return connection.changedRowCount > 0
    }

    // MARK: - Tokens

    func tokens() throws -> [Token] {
        try connection.rows(
            "SELECT id, key, user, name, role, created, expires, used FROM tokens ORDER BY id"
        ) { row in
            Token(
                id: row.integer(at: 0) ?? 0, keyHash: row.text(at: 1) ?? "", account: row.text(at: 2) ?? "",
                name: row.text(at: 3) ?? "", role: Self.role(row, 4), createdAt: row.integer(at: 5) ?? 0,
                expiresAt: row.integer(at: 6) ?? 0, usedAt: row.integer(at: 7))
        }
    }

    /// - Returns: the token with its number.
    func add(_ token: Token) throws -> Token {
        try connection.run(
            "INSERT INTO tokens (key, user, name, role, created, expires) VALUES (?, ?, ?, ?, ?, ?)",
            .text(token.keyHash), .text(token.account), .text(token.name), .text(token.role.rawValue),
            .integer(token.createdAt), .integer(token.expiresAt))
        var token = token
        token.id = connection.lastInsertedRow
        return token
    }

    func removeToken(_ id: Int64) throws { try connection.run("DELETE FROM tokens WHERE id = ?", .integer(id)) }

    func removeTokens(of account: String) throws {
        try connection.run("DELETE FROM tokens WHERE user = ?", .text(account))
    }

    // MARK: - Codes

    func setupCode() throws -> (hash: String, tries: Int)? {
        try connection.rows("SELECT key, tries FROM setup_code") { row in
            (row.text(at: 0) ?? "", Int(row.integer(at: 1) ?? 0))
        }.first
    }

    /// - Parameter hash: nil for no code.
    func setSetupCode(_ hash: String?, tries: Int = 0) throws {
        try connection.run("DELETE FROM setup_code")
        guard let hash else { return }
        try connection.run("INSERT INTO setup_code VALUES (1, ?, ?)", .text(hash), .integer(Int64(tries)))
    }

    func addLink(_ hash: String, to account: String, expiresAt: Int64) throws {
        try connection.run("INSERT INTO login_links VALUES (?, ?, ?)", .text(hash), .text(account), .integer(expiresAt))
    }

    func removeLinks(to account: String) throws {
        try connection.run("DELETE FROM login_links WHERE user = ?", .text(account))
    }

    /// Takes a link, which then is used up.
    ///
    /// - Returns: the account that it leads to; nil when there is none, or no longer.
    func takeLink(_ hash: String, now: Int64) throws -> String? {
        let name = try connection.rows(
            "DELETE FROM login_links WHERE key = ? RETURNING user, expires", [.text(hash)]
        ) { row in (row.text(at: 0), row.integer(at: 1) ?? 0) }.first
        return name.flatMap { $0.1 >= now ? $0.0 : nil }
    }

    // MARK: - Upkeep

    func removeExpired(now: Int64, idleSeconds: Int64, ageSeconds: Int64) throws {
        try connection.run(
            "DELETE FROM sessions WHERE used < ? OR created < ?", .integer(now - idleSeconds),
            .integer(now - ageSeconds))
        try connection.run("DELETE FROM tokens WHERE expires < ?", .integer(now))
        try connection.run("DELETE FROM login_links WHERE expires < ?", .integer(now))
    }

    func noteUse(_ sessions: [Session], _ tokens: [Token]) throws {
        for session in sessions {
            try connection.run(
                "UPDATE sessions SET used = max(used, ?) WHERE id = ?", .integer(session.usedAt), .integer(session.id))
        }
        for token in tokens {
            try connection.run("UPDATE tokens SET used = ? WHERE id = ?", .integer(token.usedAt), .integer(token.id))
        }
    }

    private static func role(_ row: SQLiteStatement, _ column: Int) -> Role {
        row.text(at: column).flatMap(Role.init(rawValue:)) ?? .viewer
    }
}
