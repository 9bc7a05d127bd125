import Lifecycle
import SQLite

extension Triage {
    enum EventAction: String, Sendable, CaseIterable {
        case archive, unarchive, escalate, deescalate
    }

    /// Does the same to several events, all or none.
    ///
    /// - Throws: `SQLiteError`.
    func act(_ action: EventAction, on events: [String]) throws {
        let now = WallClock.nanoseconds()
        let (column, value): (String, Int64?) =
            switch action {
            case .archive: ("archived_at", now)
            case .unarchive: ("archived_at", nil)
            case .escalate: ("escalated_at", now)
            case .deescalate: ("escalated_at", nil)
            }
        try connection.withLock { connection in
            try connection.transaction {
                let write = try connection.prepare(
                    """
                    INSERT INTO event_state (event_id, \(column)) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET \(column) = excluded.\(column)
                    """)
                for event in events { try write.run([.text(event), .integer(value)]) }
                for event in events where value == nil {
                    try connection.run(
                        "DELETE FROM event_state WHERE event_id = ? AND archived_at IS NULL AND escalated_at IS NULL",
                        .text(event))
                }
            }
        }
    }
}
