import SQLite

/// Which events of the store to find, newest first by their own time. A property that is not set does not restrict; an empty
/// query finds everything.
public struct EventQuery: Sendable, Equatable {
    /// The most events in one result.
    public static let limitMax = 1_000

    /// Events of any of these types, as Suricata names them; empty for all. SQLite takes up to 500 at once.
    public var eventTypes: Set<String> = []
    /// Events from this time on, in nanoseconds since the epoch.
    public var from: Int64?
    /// Events before this time, in nanoseconds since the epoch.
    public var until: Int64?
    /// Events that come after this place: that of the last event on the previous page.
    public var after: Place?
    /// How many events to find, 1 to ``limitMax``; a number outside is clamped.
    public var limit = 50

    /// A place in the order of results: newest first, and for equal times the one stored last first.
    public struct Place: Sendable, Equatable {
        /// Nanoseconds since the epoch.
        public let timestamp: Int64
        /// The number of the event in the order of storing.
        public let sequence: Int64

        /// A place as it was told before.
        public init(timestamp: Int64, sequence: Int64) {
            self.timestamp = timestamp
            self.sequence = sequence
        }
    }

    /// A query that finds everything.
    public init() {}

    /// The statement and what to bind, so that nothing from the query becomes SQL.
    ///
    /// Which events they are is read from an index alone, for several types from its part for each; only those that are
    /// found are then looked up. Left to itself, SQLite would sort all events of the types, or read everything by time.
    var statement: (sql: String, values: [SQLiteValue]) {
        let limit = min(max(1, limit), Self.limitMax)
        let order = "ORDER BY timestamp DESC, seq DESC"
        var range: [(condition: String, values: [SQLiteValue])] = []
        if let from { range.append(("timestamp >= ?", [.integer(from)])) }
        if let until { range.append(("timestamp < ?", [.integer(until)])) }
        if let after {
            range.append(("(timestamp, seq) < (?, ?)", [.integer(after.timestamp), .integer(after.sequence)]))
        }
        let types: [String?] = eventTypes.isEmpty ? [nil] : eventTypes.sorted()
        var values: [SQLiteValue] = []
        let parts = types.map { type in
            let conditions = (type.map { [("event_type = ?", [.text($0)])] } ?? []) + range
            values += conditions.flatMap(\.1)
            return """
                SELECT * FROM (SELECT timestamp, seq
                FROM events INDEXED BY \(type == nil ? "events_timestamp" : "events_event_type")
                \(conditions.isEmpty ? "" : "WHERE " + conditions.map(\.0).joined(separator: " AND "))
                \(order) LIMIT \(limit))
                """
        }
        let found = parts.joined(separator: "\nUNION ALL\n")
        return (
            "\(StoredEvent.selection) WHERE seq IN (SELECT seq FROM (\(found)) \(order) LIMIT \(limit)) \(order)",
            values
        )
    }
}
