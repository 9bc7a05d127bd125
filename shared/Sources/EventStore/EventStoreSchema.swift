import SQLite

/// The tables, indexes and views of the event store, and how its file is told from those of other programs. Documented in
/// docs/sinks.md.
public enum EventStoreSchema {
    /// Raised with every change that an older program could not work with; kept in the file as `user_version`.
    public static let version: Int64 = 1

    /// Kept in the file as `application_id`: the letters `IDSE`. Stores made before this mark existed have 0.
    public static let applicationID: Int64 = 0x4944_5345

    static let columns = [
        "id", "timestamp", "event_type", "severity", "src_ip", "src_port", "dest_ip", "dest_port", "signature",
        "document",
    ]

    /// The SQL that turns an empty file into a store.
    public static let statements = """
        CREATE TABLE IF NOT EXISTS events (
            id TEXT PRIMARY KEY,
            timestamp INTEGER NOT NULL, -- nanoseconds since 1970-01-01 00:00 UTC
            event_type TEXT,
            severity INTEGER, -- of alerts only; 1 is the worst
            src_ip TEXT,
            src_port INTEGER,
            dest_ip TEXT,
            dest_port INTEGER,
            signature TEXT, -- of alerts only
            document TEXT NOT NULL -- the ECS document, JSON on one line
        );
        CREATE INDEX IF NOT EXISTS events_timestamp ON events (timestamp);
        CREATE INDEX IF NOT EXISTS events_event_type ON events (event_type, timestamp);
        CREATE INDEX IF NOT EXISTS events_severity ON events (severity, timestamp) WHERE severity IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_signature ON events (signature, timestamp) WHERE signature IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_src_ip ON events (src_ip, timestamp) WHERE src_ip IS NOT NULL;
        CREATE INDEX IF NOT EXISTS events_dest_ip ON events (dest_ip, timestamp) WHERE dest_ip IS NOT NULL;

        CREATE VIEW IF NOT EXISTS alerts AS -- the newest first
        SELECT datetime(timestamp / 1000000000, 'unixepoch') AS time, severity, signature, src_ip, src_port, dest_ip,
            dest_port, id
        FROM events WHERE event_type = 'alert' ORDER BY timestamp DESC;
        CREATE VIEW IF NOT EXISTS rules AS -- the most frequent first
        SELECT count(*) AS alerts, min(severity) AS severity, signature,
            datetime(min(timestamp) / 1000000000, 'unixepoch') AS first,
            datetime(max(timestamp) / 1000000000, 'unixepoch') AS last
        FROM events WHERE event_type = 'alert' GROUP BY signature ORDER BY alerts DESC, signature;
        CREATE VIEW IF NOT EXISTS talkers AS -- the pairs with the most bytes first
        SELECT src_ip, dest_ip, count(*) AS flows, sum(document ->> '$.network.bytes') AS bytes
        FROM events WHERE event_type = 'flow' GROUP BY src_ip, dest_ip ORDER BY bytes DESC, flows DESC;
        CREATE VIEW IF NOT EXISTS names AS -- the names that were looked up most first
        SELECT document ->> '$.dns.question.name' AS name, count(*) AS lookups
        FROM events WHERE event_type = 'dns' GROUP BY name ORDER BY lookups DESC, name;

        PRAGMA user_version = \(version);
        PRAGMA application_id = \(applicationID);
        """

    /// What a file is, judged by its schema.
    private enum State {
        case empty
        /// A store that lacks the mark, and what was introduced with it.
        case unmarked
        case current
    }

    /// Checks whether the file is a store or may become one, without writing to it.
    ///
    /// - Returns: the SQL to run in a transaction before the store can be used; nil when there is none.
    /// - Throws: `SQLiteError`; ``EventStoreFileError`` for a file that must not be touched.
    static func preparation(of connection: SQLiteConnection) throws -> String? {
        switch try state(of: connection) {
        case .current: nil
        case .empty, .unmarked:
            statements
        }
    }

    private static func state(of connection: SQLiteConnection) throws -> State {
        let objects = try connection.texts(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        let mark = try connection.integer("PRAGMA application_id") ?? 0
        let fileVersion = try connection.integer("PRAGMA user_version") ?? 0
        if objects.isEmpty, mark == 0, fileVersion == 0 { return .empty }
        let isMarked = mark == applicationID
        let isUnmarkedStore =
            try mark == 0 && fileVersion >= version
            && connection.texts("SELECT name FROM pragma_table_info('events')") == columns
        guard isMarked || isUnmarkedStore else {
            throw EventStoreFileError.foreign(path: connection.path, tables: objects)
        }
        guard fileVersion <= version else {
            throw EventStoreFileError.newerSchema(path: connection.path, version: fileVersion)
        }
        return isMarked ? .current : .unmarked
    }
}
