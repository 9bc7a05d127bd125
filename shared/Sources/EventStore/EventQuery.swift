/// What to look for in the event store. A property that is not set does not restrict; an empty query finds everything.
public struct EventQuery: Sendable, Equatable {
    /// The most events in one result.
    public static let limitMax = 1_000

    /// Events of any of these types, as Suricata names them; empty for all.
    public var eventTypes: [String] = []
    /// Alerts at least this severe; 1 is the worst.
    public var severityMax: Int64?
    /// Alerts of the rule with exactly this text.
    public var signature: String?
    /// Events with this source or destination, written as in the document.
    public var address: String?
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
        let row: Int64
    }

    /// A query that finds everything.
    public init() {}

    /// A value for a parameter of the statement.
    enum Value {
        case integer(Int64)
        case text(String)
    }

    /// The statement; every value is bound as a parameter, so nothing from the query becomes SQL.
    var statement: (sql: String, values: [Value]) {
        var conditions: [String] = []
        var values: [Value] = []
        func add(_ condition: String, _ more: Value...) {
            conditions.append(condition)
            values += more
        }
        if !eventTypes.isEmpty {
            conditions.append("event_type IN (\(eventTypes.map { _ in "?" }.joined(separator: ", ")))")
            values += eventTypes.map { .text($0) }
        }
        if let severityMax { add("severity <= ?", .integer(severityMax)) }
        if let signature { add("signature = ?", .text(signature)) }
        if let address { add("(src_ip = ? OR dest_ip = ?)", .text(address), .text(address)) }
        if let from { add("timestamp >= ?", .integer(from)) }
        if let until { add("timestamp < ?", .integer(until)) }
        if let after { add("(timestamp, rowid) < (?, ?)", .integer(after.timestamp), .integer(after.row)) }
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        let sql = """
            SELECT rowid, \(EventStoreSchema.columns.joined(separator: ", "))
            FROM events \(filter) ORDER BY timestamp DESC, rowid DESC LIMIT \(min(max(1, limit), Self.limitMax))
            """
        return (sql, values)
    }
}
