import Digest
import Lifecycle
import SQLite

extension Triage {
    enum GroupAction: String, Sendable, CaseIterable {
        case archive, unarchive, escalate, deescalate, assign
    }

    struct HistoryEntry: Sendable {
        let time: Int64
        let user: String
        let action: String
    }

    /// How long a change can be undone.
    private static let undoNanoseconds: Int64 = 3_600_000_000_000
    /// Changes that are remembered.
    private static let historyMax: Int64 = 200_000

    /// Does the same to several groups, all or none.
    ///
    /// Archiving is one row for a group, however many alerts it has.
    ///
    /// - Parameters:
    ///   - through: time of the newest alert that is archived, but never beyond the newest that the index knows; what comes
    ///     later opens the group again.
    ///   - comment: is added to each.
    /// - Returns: how many were changed, and what undoes it; nil when nothing was.
    /// - Throws: `SQLiteError`.
    func act(
        _ action: GroupAction, on groups: [AlertGroup], through: Int64, assignee: String? = nil,
        comment: String? = nil, by user: String
    ) throws -> (changed: Int, undo: String)? {
        let now = WallClock.nanoseconds()
        let batch = Hexadecimal.text(of: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let changed = try connection.withLock { connection in
            try connection.transaction {
                let read = try connection.prepare("SELECT \(GroupState.columns) FROM group_state WHERE key = ?")
                let remember = try connection.prepare(
                    """
                    INSERT INTO history (time, user, action, batch, key, \(GroupState.columns))
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """)
                let write = try connection.prepare(
                    """
                    INSERT INTO group_state (key, signature_id, src_ip, dest_ip, sensor, \(GroupState.columns), changed)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET archived_through = excluded.archived_through,
                      archived_seq = excluded.archived_seq,
                      archived_by = excluded.archived_by, archived_at = excluded.archived_at,
                      escalated_at = excluded.escalated_at, assignee = excluded.assignee, changed = excluded.changed
                    """)
                var changed = 0
                for group in groups {
                    let (number, key) = (group.number, group.key)
                    let before = try read.row([.integer(number)]) { GroupState($0, from: 0) } ?? GroupState()
                    var state = before
                    state.apply(
                        action, through: min(through, group.last), group.openSequence, assignee: assignee, by: user,
                        at: now)
                    if let comment { try Self.add(comment, to: .group(number), by: user, at: now, connection) }
                    guard state != before else { continue }
                    changed += 1
                    try remember.run(
                        [.integer(now), .text(user), .text(action.rawValue), .text(batch), .integer(number)]
                            + before.values)
                    try write.run(
                        [
                            .integer(number), .integer(key.signatureID), .text(key.sourceIP), .text(key.destinationIP),
                            .text(key.sensor),
                        ] + state.values + [.integer(connection.lastInsertedRow)])
                }
                return changed
            }
        }
        return changed > 0 ? (changed, batch) : nil
    }

    /// Puts groups back to what they were before an action of the last hour, but for those that were changed again since.
    ///
    /// - Returns: how many; 0 when there is nothing to undo.
    /// - Throws: `SQLiteError`.
    func undo(_ batch: String, by user: String) throws -> Int {
        guard !batch.isEmpty else { return 0 }
        let now = WallClock.nanoseconds()
        return try connection.withLock { connection in
            try connection.transaction {
                let steps = try connection.rows(
                    """
                    SELECT history.key, \(GroupState.columns(of: "history")) FROM history
                    JOIN group_state ON group_state.key = history.key AND group_state.changed = history.seq
                    WHERE batch = ? AND time >= ? ORDER BY seq
                    """, [.text(batch), .integer(now - Self.undoNanoseconds)]
                ) { row in (number: row.integer(at: 0) ?? 0, state: GroupState(row, from: 1)) }
                let remember = try connection.prepare(
                    "INSERT INTO history (time, user, action, batch, key) VALUES (?, ?, 'undo', '', ?)")
                let write = try connection.prepare(
                    "UPDATE group_state SET (\(GroupState.columns), changed) = (?, ?, ?, ?, ?, ?, ?) WHERE key = ?")
                for step in steps {
                    try remember.run([.integer(now), .text(user), .integer(step.number)])
                    try write.run(step.state.values + [.integer(connection.lastInsertedRow), .integer(step.number)])
                }
                try connection.run("UPDATE history SET batch = '' WHERE batch = ?", .text(batch))
                return steps.count
            }
        }
    }

    /// The newest change of any group; 0 when there was none.
    ///
    /// - Throws: `SQLiteError`.
    func lastChange() throws -> Int64 {
        try connection.withLock { try $0.integer("SELECT max(changed) FROM group_state") ?? 0 }
    }

    /// Groups that were changed after a change that is known already, in the order of changes.
    ///
    /// - Throws: `SQLiteError`.
    func changes(after change: Int64, limit: Int) throws -> [(number: Int64, state: GroupState, change: Int64)] {
        try connection.withLock { connection in
            try connection.rows(
                "SELECT key, changed, \(GroupState.columns) FROM group_state WHERE changed > ? ORDER BY changed LIMIT ?",
                [.integer(change), .integer(Int64(limit))]
            ) { row in (row.integer(at: 0) ?? 0, GroupState(row, from: 2), row.integer(at: 1) ?? 0) }
        }
    }

    /// The states of those groups that somebody has touched.
    ///
    /// - Throws: `SQLiteError`.
    func states(of numbers: [Int64]) throws -> [Int64: GroupState] {
        try connection.withLock { connection in
            let read = try connection.prepare("SELECT \(GroupState.columns) FROM group_state WHERE key = ?")
            var states: [Int64: GroupState] = [:]
            for number in numbers {
                states[number] = try read.row([.integer(number)]) { GroupState($0, from: 0) }
            }
            return states
        }
    }

    /// What was done to a group, the newest first.
    ///
    /// - Throws: `SQLiteError`.
    func history(of number: Int64) throws -> [HistoryEntry] {
        try connection.withLock { connection in
            try connection.rows(
                "SELECT time, user, action FROM history WHERE key = ? ORDER BY seq DESC LIMIT 100", [.integer(number)]
            ) { HistoryEntry(time: $0.integer(at: 0) ?? 0, user: $0.text(at: 1) ?? "", action: $0.text(at: 2) ?? "") }
        }
    }

    /// Removes the oldest history, and rules that were over before the oldest event that there is.
    ///
    /// - Parameter oldest: its time, in nanoseconds since the epoch.
    /// - Throws: `SQLiteError`.
    func cleanUp(eventsFrom oldest: Int64) throws {
        try connection.withLock { connection in
            try connection.run("DELETE FROM ended_rules WHERE until <= ?", .integer(oldest))
            try connection.run(
                "DELETE FROM history WHERE seq <= (SELECT max(seq) FROM history) - ?", .integer(Self.historyMax))
        }
    }
}
