import JSON
import SQLite

extension Triage {
    /// A query whose alerts do not come into the inbox.
    struct Rule: Sendable {
        let id: String
        let query: String
        let note: String
        /// Nanoseconds since the epoch; nil for never.
        let expires: Int64?
        let user: String
        /// When it was made: what came before is not concerned.
        let time: Int64
        var hits: Int64 = 0
        var lastHit: Int64?
    }

    /// Each is asked for every alert.
    static let rulesMax = 100

    /// All rules, the oldest first.
    ///
    /// - Throws: `SQLiteError`.
    func rules() throws -> [Rule] { try connection.withLock { try Self.rules($0) } }

    /// Keeps a rule; one with its id is changed, and keeps its time and hits as long as its query stays the same.
    ///
    /// - Parameter record: notes it in the same transaction; gets the query that the rule had before.
    /// - Returns: false when there are too many others.
    /// - Throws: `SQLiteError`.
    func put(_ rule: Rule, record: @Sendable (String?, SQLiteConnection) throws -> Void) throws -> Bool {
        try changeRule(rule.id, record) { connection in
            try connection.run(
                """
                INSERT INTO archive_rules (id, q, note, expires, user, time) SELECT ?1, ?2, ?3, ?4, ?5, ?6
                WHERE (SELECT count(*) FROM archive_rules WHERE id <> ?1) < \(Self.rulesMax)
                ON CONFLICT DO UPDATE SET q = excluded.q, note = excluded.note, expires = excluded.expires,
                user = excluded.user, time = iif(q = excluded.q, time, excluded.time),
                hits = iif(q = excluded.q, hits, 0), last_hit = iif(q = excluded.q, last_hit, NULL)
                """, .text(rule.id), .text(rule.query), .text(rule.note), .integer(rule.expires), .text(rule.user),
                .integer(rule.time))
        }
    }

    /// - Parameter record: notes it in the same transaction; gets the query that the rule had.
    /// - Returns: false when there is none.
    /// - Throws: `SQLiteError`.
    func removeRule(_ id: String, record: @Sendable (String?, SQLiteConnection) throws -> Void) throws -> Bool {
        try changeRule(id, record) { try $0.run("DELETE FROM archive_rules WHERE id = ?", .text(id)) }
    }

    /// Adds to how often rules have archived an alert.
    ///
    /// - Parameter hits: by the rule's id.
    /// - Throws: `SQLiteError`.
    func note(hits: [String: (count: Int64, last: Int64)]) throws {
        guard !hits.isEmpty else { return }
        try connection.withLock { connection in
            try connection.transaction {
                for (id, hit) in hits {
                    try connection.run(
                        "UPDATE archive_rules SET hits = hits + ?, last_hit = max(?, ifnull(last_hit, 0)) WHERE id = ?",
                        .integer(hit.count), .integer(hit.last), .text(id))
                }
            }
        }
    }

    private func changeRule(
        _ id: String, _ record: @Sendable (String?, SQLiteConnection) throws -> Void,
        _ change: @Sendable (SQLiteConnection) throws -> Void
    ) throws -> Bool {
        let (isDone, rules) = try connection.withLock { connection in
            try connection.transaction {
                let before = try connection.rows("SELECT q FROM archive_rules WHERE id = ?", [.text(id)]) {
                    $0.text(at: 0)
                }
                try change(connection)
                let isDone = connection.changedRowCount > 0
                if isDone { try record(before.first ?? nil, connection) }
                return (isDone, try Self.activeRules(connection))
            }
        }
        active.withLock { $0 = rules }
        return isDone
    }

    private static func rules(_ connection: SQLiteConnection) throws -> [Rule] {
        try connection.rows(
            "SELECT id, q, note, expires, user, time, hits, last_hit FROM archive_rules ORDER BY time LIMIT \(rulesMax)"
        ) { row in
            Rule(
                id: row.text(at: 0) ?? "", query: row.text(at: 1) ?? "", note: row.text(at: 2) ?? "",
                expires: row.integer(at: 3), user: row.text(at: 4) ?? "", time: row.integer(at: 5) ?? 0,
                hits: row.integer(at: 6) ?? 0, lastHit: row.integer(at: 7))
        }
    }

    static func activeRules(_ connection: SQLiteConnection) throws -> [ActiveRule] {
        try rules(connection).compactMap(ActiveRule.init)
    }
}

/// A rule that archives alerts, ready to be asked.
struct ActiveRule: Sendable {
    let id: String
    private let query: Query
    private let from: Int64
    private let until: Int64

    /// nil for a rule whose query is none any more.
    init?(_ rule: Triage.Rule) {
        guard let query = try? QueryParser.parse(rule.query, now: rule.time) else { return nil }
        (id, self.query, from, until) = (rule.id, query, rule.time, rule.expires ?? .max)
    }

    /// Whether it archives this alert.
    func archives(_ alert: JSONNode, at time: Int64) -> Bool {
        time >= from && time < until && query.matches(alert) { _ in false }
    }
}
