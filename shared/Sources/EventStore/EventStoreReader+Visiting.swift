public import SQLite

/// A condition on the columns of `events`, with its values.
public struct EventCondition: Sendable, Equatable {
    /// An expression of SQL with `?` for each value.
    public let sql: String
    /// What to bind.
    public let values: [SQLiteValue]

    /// A condition; nothing of a user's may stand in `sql`.
    public init(_ sql: String, _ values: [SQLiteValue]) {
        (self.sql, self.values) = (sql, values)
    }
}

/// An event of the store that is being looked at; it lasts until the next one.
public struct VisitedEvent {
    private let row: SQLiteStatement

    fileprivate init(_ row: SQLiteStatement) {
        self.row = row
    }

    /// Its number in the order of storing.
    public var sequence: Int64 { row.integer(at: 0) ?? 0 }
    /// Its own time, in nanoseconds since the epoch.
    public var timestamp: Int64 { row.integer(at: 1) ?? 0 }
    /// Severity, of alerts only; 1 is the worst.
    public var severity: Int64? { row.integer(at: 2) }
    /// The id of the document.
    public var id: String { row.text(at: 3) ?? "" }
    /// The event type, as Suricata names it.
    public var eventType: String? { row.text(at: 4) }

    /// Lends the bytes of the document.
    public func withDocument<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try row.withText(at: 5, body)
    }

    fileprivate static let selection = "SELECT seq, timestamp, severity, id, event_type, document FROM events WHERE "
}

extension EventStoreReader {
    /// The numbers of the events that were stored first and last; nil for an empty store.
    public func sequences() throws -> ClosedRange<Int64>? {
        try read { connection in
            guard let first = try connection.integer("SELECT min(seq) FROM events"),
                let last = try connection.integer("SELECT max(seq) FROM events")
            else { return nil }
            return first...last
        }
    }

    /// The number of the event that was stored last, whether it is still there or not; 0 before the first.
    public func lastSequence() throws -> Int64 {
        try read { try $0.integer("SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0 }
    }

    /// Goes through events in the order of storing, or against it.
    ///
    /// - Parameter body: returns whether to go on.
    /// - Throws: what `body` throws, and as all queries, among them `SQLiteError` with the code `interrupted`.
    public func visit(
        _ sequences: ClosedRange<Int64>, newestFirst: Bool, where condition: EventCondition? = nil,
        _ body: (VisitedEvent) throws -> Bool
    ) throws {
        try read { connection in
            let select = try connection.prepare(
                """
                \(VisitedEvent.selection) seq BETWEEN ? AND ? \(condition.map { "AND (\($0.sql))" } ?? "")
                ORDER BY seq \(newestFirst ? "DESC" : "")
                """)
            try select.bind(
                [.integer(sequences.lowerBound), .integer(sequences.upperBound)] + (condition?.values ?? []))
            while try select.step() {
                guard try body(VisitedEvent(select)) else { return }
            }
        }
    }

    /// Looks at events one by one; those that are gone, or do not meet the condition, are left out.
    ///
    /// - Parameters:
    ///   - next: the number of the next event; nil at the end.
    ///   - body: returns whether to go on.
    public func visit(
        each next: () throws -> Int64?, where condition: EventCondition? = nil, _ body: (VisitedEvent) throws -> Bool
    ) throws {
        try read { connection in
            let select = try connection.prepare(
                "\(VisitedEvent.selection) seq = ? \(condition.map { "AND (\($0.sql))" } ?? "")")
            while let sequence = try next() {
                try select.bind([.integer(sequence)] + (condition?.values ?? []))
                defer { select.reset() }
                if try select.step(), try !body(VisitedEvent(select)) { return }
            }
        }
    }
}
