import SQLite

/// What people have decided about a group.
struct GroupState: Sendable, Equatable {
    /// Alerts up to this time are archived, in nanoseconds since the epoch, but for those that came later than others.
    var archivedThrough: Int64 = 0
    /// The last alert in the order of storing that is archived: one that comes late is seen, whatever its time.
    var archivedSequence = Int64.max
    var archivedBy: String?
    var archivedAt: Int64?
    var escalatedAt: Int64?
    var assignee: String?

    init() {}

    static let columns = "archived_through, archived_seq, archived_by, archived_at, escalated_at, assignee"

    /// The ``columns``, where several tables have them.
    static func columns(of table: String) -> String {
        columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// The ``columns`` of a row, from one on.
    init(_ row: SQLiteStatement, from column: Int) {
        archivedThrough = row.integer(at: column) ?? 0
        archivedSequence = row.integer(at: column + 1) ?? .max
        archivedBy = row.text(at: column + 2)
        archivedAt = row.integer(at: column + 3)
        escalatedAt = row.integer(at: column + 4)
        assignee = row.text(at: column + 5)
    }

    /// Whether an alert of the group is archived with it.
    func archives(at time: Int64, _ sequence: Int64) -> Bool {
        time <= archivedThrough && sequence <= archivedSequence
    }

    var values: [SQLiteValue] {
        [
            .integer(archivedThrough), .integer(archivedSequence), .text(archivedBy), .integer(archivedAt),
            .integer(escalatedAt), .text(assignee),
        ]
    }

    mutating func apply(
        _ action: Triage.GroupAction, through: Int64, _ sequence: Int64, assignee: String?, by user: String,
        at now: Int64
    ) {
        switch action {
        case .archive:
            guard (archivedThrough, archivedSequence) < (through, sequence) else { return }
            (archivedThrough, archivedSequence, archivedBy, archivedAt) = (through, sequence, user, now)
        case .unarchive: (archivedThrough, archivedSequence, archivedBy, archivedAt) = (0, .max, nil, nil)
        case .escalate: escalatedAt = escalatedAt ?? now
        case .deescalate: escalatedAt = nil
        case .assign: self.assignee = assignee
        }
    }
}
