import APIDescription
import HTTPTypes
import Lifecycle
import Logging
import SQLite
import Synchronization

/// Who did what, when, from where; entries are added, and only age takes them away.
///
/// Each is a line of the log as well, so that a copy is where logs are kept.
final class AuditLog: Sendable {
    /// Something that somebody did, or tried to do.
    struct Entry: Sendable, Equatable {
        /// Its number; 0 for one that is not stored yet.
        var number: Int64 = 0
        /// Seconds since 1970.
        var time: Int64 = 0
        /// The account; empty for nobody who is known.
        var account: String
        var role: String
        var address: String
        /// What was done, as `log in` or `change user`.
        var action: String
        /// What it was done to.
        var target: String
        /// What was there, and what is there now, without secrets; nil where that says nothing.
        var before: String?
        var after: String?
        /// `done`, or why not.
        var result: String
    }

    /// Entries that are kept at most; beyond, the oldest go before their time.
    private static let entriesMax = 1_000_000
    /// Bytes of one text of an entry.
    private static let textBytesMax = 2_048

    private static let schema = Schema(
        area: "audit",
        steps: [
            """
            CREATE TABLE audit (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL,
              address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, before TEXT, after TEXT,
              result TEXT NOT NULL);
            CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
              BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
            CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
              WHEN OLD.time > unixepoch() - 30 * 86400 AND OLD.seq > (SELECT max(seq) FROM audit) - \(entriesMax)
              BEGIN SELECT RAISE(ABORT, 'the audit log is kept for 30 days'); END;
            """,
            """
            CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
              WHEN NEW.seq BETWEEN 1 AND (SELECT max(seq) FROM audit)
              BEGIN SELECT RAISE(ABORT, 'the audit log is not changed'); END;
            """,
        ])

    /// What an account may have recorded at once, and each second after that: enough for people and their programs, and too
    /// little to push out in days what was recorded before.
    static let entriesAtOnceMax = 300
    static let entriesPerSecond: Int64 = 2

    /// What accounts may still have recorded, as of a time.
    private let allowances = Mutex<[String: (left: Int64, time: Int64)]>([:])
    private let connection: Mutex<SQLiteConnection>
    private let logger: Logger
    private let now: @Sendable () -> Int64

    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    init(in folder: String, logger: Logger, now: @escaping @Sendable () -> Int64) throws {
        connection = Mutex(try TriageDatabase.open(in: folder, Self.schema))
        (self.logger, self.now) = (logger, now)
    }

    /// Adds an entry. It may block.
    ///
    /// - Parameter transaction: the connection whose transaction does what is recorded: both are done, or none.
    /// - Throws: `SQLiteError`, or a refusal when the account has done too much: what can't be recorded should not be done.
    func record(_ entry: Entry, in transaction: SQLiteConnection? = nil) throws {
        // Of what is done already a record is made in any case; nobody is held where they are.
        if transaction != nil, entry.action != "log out" { try allow(entry.account) }
        let texts = [entry.account, entry.role, entry.address, entry.action, entry.target].map { Self.cut($0) }
        logger.info(
            entry.action,
            [
                "user": texts[0].isEmpty ? "-" : texts[0], "address": texts[2], "target": texts[4],
                "result": entry.result,
            ])
        func insert(_ connection: SQLiteConnection) throws {
            try connection.run(
                "INSERT INTO audit (time, user, role, address, action, target, before, after, result) "
                    + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                .integer(now()), .text(texts[0]), .text(texts[1]), .text(texts[2]), .text(texts[3]), .text(texts[4]),
                .text(entry.before.map { Self.cut($0) }), .text(entry.after.map { Self.cut($0) }),
                .text(Self.cut(entry.result)))
        }
        if let transaction { return try insert(transaction) }
        try connection.withLock { try insert($0) }
    }

    private func allow(_ account: String) throws {
        guard !account.isEmpty else { return }
        let now = now()
        let isAllowed = allowances.withLock { allowances in
            var (left, time) = allowances[account] ?? (Int64(Self.entriesAtOnceMax), now)
            left = min(left + max(0, now - time) * Self.entriesPerSecond, Int64(Self.entriesAtOnceMax))
            time = now
            defer { allowances[account] = (max(0, left - 1), time) }
            return left > 0
        }
        guard isAllowed else {
            throw Problem(
                .tooManyRequests, "this account has done too much at once: each step is recorded",
                fields: ["retry-after": "1"]
            ).refusal
        }
    }

    /// Entries, the newest first.
    ///
    /// - Parameters:
    ///   - number: only those before this one.
    ///   - account: only those of this account.
    ///   - action: only those of this action.
    func entries(before number: Int64?, account: String?, action: String?, limit: Int) throws -> [Entry] {
        try connection.withLock { connection in
            try connection.rows(
                """
                SELECT seq, time, user, role, address, action, target, before, after, result FROM audit
                WHERE seq < ? AND (?2 IS NULL OR user = ?2) AND (?3 IS NULL OR action = ?3) ORDER BY seq DESC LIMIT ?4
                """, [.integer(number ?? .max), .text(account), .text(action), .integer(Int64(limit))]
            ) { row in
                Entry(
                    number: row.integer(at: 0) ?? 0, time: row.integer(at: 1) ?? 0, account: row.text(at: 2) ?? "",
                    role: row.text(at: 3) ?? "", address: row.text(at: 4) ?? "", action: row.text(at: 5) ?? "",
                    target: row.text(at: 6) ?? "", before: row.text(at: 7), after: row.text(at: 8),
                    result: row.text(at: 9) ?? "")
            }
        }
    }

    /// Takes away what is older than so many days, and what is too much: from the oldest up to the first that stays, so that
    /// the rest needs no look.
    func removeOld(days: Int) throws {
        try connection.withLock { connection in
            try connection.run(
                """
                DELETE FROM audit WHERE seq < max(
                  coalesce((SELECT seq FROM audit WHERE time >= ? ORDER BY seq LIMIT 1), (SELECT max(seq) + 1 FROM audit)),
                  (SELECT max(seq) FROM audit) - \(Self.entriesMax - 1))
                """, .integer(now() - Int64(days) * 86_400))
        }
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textBytesMax ? text : String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self)
    }
}
