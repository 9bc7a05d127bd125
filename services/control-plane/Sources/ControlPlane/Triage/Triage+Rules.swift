import JSON
import Lifecycle
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
    /// Rules that are over, of which the oldest are forgotten first.
    private static let endedRulesMax: Int64 = 1_000

    /// All rules, the oldest first.
    ///
    /// - Throws: `SQLiteError`.
    func rules() throws -> [Rule] { try connection.withLock { try Self.rules($0) } }

    /// Keeps a rule; one with its id is changed, and keeps its time and hits as long as its query stays the same and it has
    /// not been over.
    ///
    /// - Parameter record: notes it in the same transaction; gets the query that the rule had before.
    /// - Returns: false when there are too many others.
    /// - Throws: `SQLiteError`.
    func put(_ rule: Rule, record: @Sendable (String?, SQLiteConnection) throws -> Void) throws -> Bool {
        let expires = rule.expires.map { max($0, rule.time) }
        return try changeRule(rule.id, record) { connection in
            let isOther = "(q <> excluded.q OR ifnull(archive_rules.expires, excluded.time + 1) <= excluded.time)"
            try Self.end(rule.id, at: rule.time, unless: rule.query, connection)
            try connection.run(
                """
                INSERT INTO archive_rules (id, q, note, expires, user, time) SELECT ?1, ?2, ?3, ?4, ?5, ?6
                WHERE (SELECT count(*) FROM archive_rules WHERE id <> ?1) < \(Self.rulesMax)
                ON CONFLICT DO UPDATE SET q = excluded.q, note = excluded.note, expires = excluded.expires,
                user = excluded.user, time = iif(\(isOther), excluded.time, time), hits = iif(\(isOther), 0, hits),
                last_hit = iif(\(isOther), NULL, last_hit)
                """, .text(rule.id), .text(rule.query), .text(rule.note), .integer(expires), .text(rule.user),
                .integer(rule.time))
        }
    }

    /// Removes a rule. What it has archived stays archived.
    ///
    /// - Parameter record: notes it in the same transaction; gets the query that the rule had.
    /// - Returns: false when there is none.
    /// - Throws: `SQLiteError`.
    func removeRule(
        _ id: String, at now: Int64 = WallClock.nanoseconds(),
        record: @Sendable (String?, SQLiteConnection) throws -> Void
    ) throws -> Bool {
        try changeRule(id, record) { connection in
            try Self.end(id, at: now, connection)
            try connection.run("DELETE FROM archive_rules WHERE id = ?", .text(id))
        }
    }

    /// Keeps what a rule has been in force for, before it is removed or becomes another one.
    private static func end(
        _ id: String, at now: Int64, unless query: String? = nil, _ connection: SQLiteConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO ended_rules (q, time, until) SELECT q, time, min(?2, ifnull(expires, ?2)) FROM archive_rules
            WHERE id = ?1 AND (q IS NOT ?3 OR expires <= ?2) AND time < min(?2, ifnull(expires, ?2))
            """, .text(id), .integer(now), .text(query))
        try connection.execute(
            "DELETE FROM ended_rules WHERE seq <= (SELECT max(seq) FROM ended_rules) - \(endedRulesMax)")
    }

    /// The event up to which hits of rules are counted.
    ///
    /// - Throws: `SQLiteError`.
    func counted() throws -> StorePosition {
        try connection.withLock { connection in
            try connection.rows("SELECT seq, id FROM counted") { row in
                StorePosition(sequence: row.integer(at: 0) ?? 0, id: row.text(at: 1) ?? "")
            }.first ?? StorePosition()
        }
    }

    /// Adds to how often rules have archived an alert.
    ///
    /// - Parameters:
    ///   - hits: by the rule's id.
    ///   - position: the last event that was asked for.
    /// - Throws: `SQLiteError`.
    func note(hits: [String: (count: Int64, last: Int64)], through position: StorePosition) throws {
        guard !hits.isEmpty else { return }
        try connection.withLock { connection in
            try connection.transaction {
                for (id, hit) in hits {
                    try connection.run(
                        "UPDATE archive_rules SET hits = hits + ?, last_hit = max(?, ifnull(last_hit, 0)) WHERE id = ?",
                        .integer(hit.count), .integer(hit.last), .text(id))
                }
                try connection.run(
                    "UPDATE counted SET seq = ?, id = ?", .integer(position.sequence), .text(position.id))
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
        let ended = try connection.rows("SELECT q, time, until FROM ended_rules ORDER BY seq DESC") { row in
            (query: row.text(at: 0) ?? "", from: row.integer(at: 1) ?? 0, until: row.integer(at: 2) ?? 0)
        }
        return try rules(connection).compactMap {
            ActiveRule(id: $0.id, $0.query, from: $0.time, until: $0.expires ?? .max)
        } + ended.compactMap { ActiveRule(id: nil, $0.query, from: $0.from, until: $0.until) }
    }
}

/// A rule that archives alerts, or has archived them, ready to be asked.
struct ActiveRule: Sendable {
    /// nil for one that is over.
    let id: String?
    private let query: Query
    private let from: Int64
    private let until: Int64

    /// nil for a rule whose query is none any more.
    init?(id: String?, _ query: String, from: Int64, until: Int64) {
        guard let query = try? QueryParser.parse(query, now: from) else { return nil }
        (self.id, self.query, self.from, self.until) = (id, query, from, until)
    }

    /// Whether it archives this alert.
    func archives(_ alert: JSONNode, at time: Int64) -> Bool {
        time >= from && time < until && query.matches(alert) { _ in false }
    }
}
