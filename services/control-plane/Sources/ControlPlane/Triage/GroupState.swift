import SQLite

/// What people have decided about a group.
struct GroupState: Sendable, Equatable {
    /// Alerts up to this time are archived, in nanoseconds since the epoch.
    var archivedThrough: Int64 = 0
    var archivedBy: String?
    var archivedAt: Int64?
    var escalatedAt: Int64?
    var assignee: String?

    init() {}

    static let columns = "archived_through, archived_by, archived_at, escalated_at, assignee"

    /// The ``columns``, where several tables have them.
    static func columns(of table: String) -> String {
        columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// The ``columns`` of a row, from one on.
    init(_ row: SQLiteStatement, from column: Int) {
        archivedThrough = row.integer(at: column) ?? 0
        archivedBy = row.text(at: column + 1)
        archivedAt = row.integer(at: column + 2)
        escalatedAt = row.integer(at: column + 3)
        assignee = row.text(at: column + 4)
    }

    var values: [SQLiteValue] {
        [.integer(archivedThrough), .text(archivedBy), .integer(archivedAt), .integer(escalatedAt), .text(assignee)]
    }

    mutating func apply(
        _ action: Triage.GroupAction, through: Int64, assignee: String?, by user: String, at now: Int64
    ) {
        switch action {
        case .archive:
            guard through > archivedThrough else { return }
            (archivedThrough, archivedBy, archivedAt) = (through, user, now)
        case .unarchive: (archivedThrough, archivedBy, archivedAt) = (0, nil, nil)
        case .escalate: escalatedAt = escalatedAt ?? now
        case .deescalate: escalatedAt = nil
        case .assign: self.assignee = assignee
        }
    }
}
