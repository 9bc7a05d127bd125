import SQLite

/// The tables, indexes and views of the event store, and how its file is told from those of other programs. Documented in
/// docs/sinks.md.
public enum EventStoreSchema {
    /// Raised with every change that an older program could not work with; kept in the file as `user_version`.
    public static let version: Int64 = 2

    /// Kept in the file as `application_id`: the letters `IDSE`. Stores made before this mark existed have 0.
    public static let applicationID: Int64 = 0x4944_5345

    /// What the writer gives for each event, in the order of the table.
    static let storedColumns = [
        "id", "timestamp", "event_type", "severity", "src_ip", "src_port", "dest_ip", "dest_port", "signature",
        "document",
    ]

    /// What every event has beyond that, in the order of ``StoredEvent``.
    static let derivedColumns = ["seq", "proto", "app_proto", "flow_id", "signature_id", "sensor"]

    /// Indexes of schema 1. Those of the addresses were four fifths of all writing.
    private static let obsoleteIndexes = ["events_src_ip", "events_dest_ip", "events_severity", "events_signature"]

    /// The columns of the table, with `seq` behind those of schema 1: so a table of that schema becomes one of this by its
    /// definition alone, as SQLite keeps the number of a row outside of the row, and derived columns nowhere.
    private static let tableDefinition = """
        events (
            id TEXT NOT NULL UNIQUE,
            timestamp INTEGER NOT NULL, -- nanoseconds since 1970-01-01 00:00 UTC
            event_type TEXT,
            severity INTEGER, -- of alerts only; 1 is the worst
            src_ip TEXT,
            src_port INTEGER,
            dest_ip TEXT,
            dest_port INTEGER,
            signature TEXT, -- of alerts only
            document TEXT NOT NULL, -- the ECS document, JSON on one line
            seq INTEGER PRIMARY KEY AUTOINCREMENT, -- grows in the order of storing; none is used twice
            -- not kept, but read from the document when asked for:
            proto TEXT AS (document ->> '$.network.transport'),
            app_proto TEXT AS (document ->> '$.network.protocol'),
            flow_id INTEGER AS (document ->> '$.suricata.eve.flow_id'),
            signature_id INTEGER AS (document ->> '$.rule.id'), -- of alerts only
            sensor TEXT AS (document ->> '$.observer.name')
        )
        """

    /// The SQL that turns an empty file into a store.
    public static let statements = """
        CREATE TABLE \(tableDefinition);
        CREATE INDEX events_timestamp ON events (timestamp);
        CREATE INDEX events_event_type ON events (event_type, timestamp);

        \(views)

        \(marks)
        """

    private static let views = """
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
        """

    private static let marks = """
        PRAGMA user_version = \(version);
        PRAGMA application_id = \(applicationID);
        """

    /// The SQL that turns a store of schema 1 into one of this, whatever it holds, within milliseconds: no event is touched.
    ///
    /// No statement of SQLite's makes the number of a row a column of a table that has rows; so the definition is exchanged
    /// in SQLite's own table of definitions. The table `first` is made for what SQLite makes along with it, where it keeps
    /// the last number of each table, and removed for what it then tells other connections: that definitions have changed.
    private static let upgrade = """
        CREATE TABLE first (seq INTEGER PRIMARY KEY AUTOINCREMENT);
        INSERT INTO sqlite_sequence SELECT 'events', ifnull(max(rowid), 0) FROM events;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = '\(quoted("CREATE TABLE " + tableDefinition))' WHERE type = 'table' AND name = 'events';
        PRAGMA writable_schema = RESET;
        DROP TABLE first;
        \(views)
        \(marks)
        """

    private static func quoted(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }

    /// What a file is, judged by its schema.
    enum State {
        case empty
        /// A store of schema 1; one from before the mark, too.
        case first
        case current

        /// The SQL to run in a transaction before events can be stored; nil when there is none.
        var preparation: String? {
            switch self {
            case .empty: statements
            case .first: upgrade
            case .current: nil
            }
        }
    }

    /// Looks at a file without writing to it.
    ///
    /// - Throws: `SQLiteError`; ``EventStoreFileError`` for a file that must not be touched.
    static func state(of connection: SQLiteConnection) throws -> State {
        let objects = try connection.texts(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        let mark = try connection.integer("PRAGMA application_id") ?? 0
        let fileVersion = try connection.integer("PRAGMA user_version") ?? 0
        if objects.isEmpty, mark == 0, fileVersion == 0 { return .empty }
        let isMarked = mark == applicationID
        let isUnmarkedStore =
            try mark == 0 && fileVersion == 1
            && connection.texts("SELECT name FROM pragma_table_info('events')") == storedColumns
        guard isMarked || isUnmarkedStore else {
            throw EventStoreFileError.foreign(path: connection.path, tables: objects)
        }
        guard fileVersion <= version else {
            throw EventStoreFileError.newerSchema(path: connection.path, version: fileVersion)
        }
        return fileVersion == version ? .current : .first
    }

    /// The indexes that a store has from schema 1 and that this schema does without.
    static func obsoleteIndexes(of connection: SQLiteConnection) throws -> [String] {
        let names = try connection.texts("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'events'")
        return obsoleteIndexes.filter(names.contains)
    }
}
