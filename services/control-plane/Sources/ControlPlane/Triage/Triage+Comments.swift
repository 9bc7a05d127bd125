import Lifecycle
import SQLite

extension Triage {
    /// What a comment is about.
    enum Subject: Sendable {
        case event(String)
        case group(Int64)

        fileprivate var column: String {
            switch self {
            case .event: "event_id"
            case .group: "key"
            }
        }

        fileprivate var value: SQLiteValue {
            switch self {
            case .event(let id): .text(id)
            case .group(let number): .integer(number)
            }
        }
    }

    struct Comment: Sendable {
        let id: Int64
        let time: Int64
        let user: String
        let text: String
    }

    /// Comments of one subject that are shown.
    private static let commentsMax = 200

    /// The comments, the oldest first.
    ///
    /// - Throws: `SQLiteError`.
    func comments(on subject: Subject) throws -> [Comment] {
        try connection.withLock { connection in
            try connection.rows(
                """
                SELECT id, time, user, text FROM comments WHERE \(subject.column) = ? ORDER BY id
                LIMIT \(Self.commentsMax)
                """, [subject.value]
            ) { row in
                Comment(
                    id: row.integer(at: 0) ?? 0, time: row.integer(at: 1) ?? 0, user: row.text(at: 2) ?? "",
                    text: row.text(at: 3) ?? "")
            }
        }
    }

    /// How many comments groups have; those without any are left out.
    ///
    /// - Throws: `SQLiteError`.
    func commentCounts(of numbers: [Int64]) throws -> [Int64: Int64] {
        try connection.withLock { connection in
            let read = try connection.prepare("SELECT count(*) FROM comments WHERE key = ?")
            var counts: [Int64: Int64] = [:]
            for number in numbers {
                let count = try read.row([.integer(number)]) { $0.integer(at: 0) ?? 0 } ?? 0
                if count > 0 { counts[number] = count }
            }
            return counts
        }
    }

    /// Adds a comment.
    ///
    /// - Throws: `SQLiteError`.
    func add(_ text: String, to subject: Subject, by user: String) throws -> Comment {
        let now = WallClock.nanoseconds()
        return try connection.withLock { connection in
            try Self.add(text, to: subject, by: user, at: now, connection)
            return Comment(id: connection.lastInsertedRow, time: now, user: user, text: text)
        }
    }

    static func add(
        _ text: String, to subject: Subject, by user: String, at now: Int64, _ connection: SQLiteConnection
    ) throws {
        try connection.run(
            "INSERT INTO comments (time, user, text, \(subject.column)) VALUES (?, ?, ?, ?)", .integer(now),
            .text(user), .text(text), subject.value)
    }

    /// Removes a comment of this user; of anybody when `user` is nil.
    ///
    /// - Parameter record: notes it in the same transaction; gets whose comment it was, and what it said.
    /// - Returns: false when there is none.
    /// - Throws: `SQLiteError`.
    func removeComment(
        _ id: Int64, of user: String?,
        record: @Sendable (_ user: String, _ text: String, SQLiteConnection) throws -> Void
    ) throws -> Bool {
        try connection.withLock { connection in
            try connection.transaction {
                let removed = try connection.rows(
                    "DELETE FROM comments WHERE id = ?1 AND (?2 IS NULL OR user = ?2) RETURNING user, text",
                    [.integer(id), .text(user)]
                ) { row in (row.text(at: 0) ?? "", row.text(at: 1) ?? "") }
                for (user, text) in removed { try record(user, text, connection) }
                return !removed.isEmpty
            }
        }
    }
}
