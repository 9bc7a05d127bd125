import Files
import Glibc
import SQLite

/// The file `index.db`: what was learned from the events so that pages are quick. It can be deleted at any time and is then
/// built anew.
enum EventIndexFile {
    /// A file of another version is built anew.
    private static let version: Int64 = 4
    private static let applicationID: Int64 = 0x4944_5349

    /// Events of one table of words: searches go from the newest to the oldest, and a table goes as a whole when its events
    /// are gone, since nothing can be deleted from one.
    static let eventsPerTable: Int64 = 1_000_000

    static func tableName(_ sequence: Int64) -> String { tableName(number: tableNumber(sequence)) }

    static func tableName(number: Int64) -> String { "terms_\(number)" }

    static func tableNumber(_ sequence: Int64) -> Int64 { max(0, sequence - 1) / eventsPerTable }

    static func firstSequence(ofTable number: Int64) -> Int64 { number * eventsPerTable + 1 }

    static func termsTable(_ sequence: Int64) -> String {
        """
        CREATE VIRTUAL TABLE IF NOT EXISTS \(tableName(sequence)) USING fts5(
          text, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '.-_:'")
        """
    }

    private static let statements = """
        -- the last event that was indexed, its id, the last change of triage.db that was taken over
        CREATE TABLE position (seq INTEGER NOT NULL, id TEXT NOT NULL, history INTEGER NOT NULL);
        INSERT INTO position VALUES (0, '', 0);
        -- events in the order of storing, and the times that they have
        CREATE TABLE spans (
          first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, count INTEGER NOT NULL,
          time_min INTEGER NOT NULL, time_max INTEGER NOT NULL);
        -- key: of GroupKey; open_last, open_seq: of alerts that no rule has archived the newest, and the one stored last
        CREATE TABLE groups (
          key INTEGER PRIMARY KEY, signature_id INTEGER NOT NULL, signature TEXT NOT NULL, src_ip TEXT NOT NULL,
          dest_ip TEXT NOT NULL, sensor TEXT NOT NULL, severity INTEGER NOT NULL, first INTEGER NOT NULL,
          last INTEGER NOT NULL, total INTEGER NOT NULL, open_last INTEGER NOT NULL, open_seq INTEGER NOT NULL,
          newest_seq INTEGER NOT NULL, archived_through INTEGER NOT NULL, archived_seq INTEGER NOT NULL,
          archived_total INTEGER NOT NULL DEFAULT 0, escalated_at INTEGER, assignee TEXT,
          is_open INTEGER AS (open_last > archived_through OR open_seq > archived_seq));
        CREATE INDEX groups_open_severity ON groups (severity, last DESC, key DESC) WHERE is_open;
        CREATE INDEX groups_open_last ON groups (last DESC, key DESC) WHERE is_open;
        CREATE INDEX groups_escalated ON groups (last DESC, key DESC) WHERE escalated_at IS NOT NULL;
        CREATE INDEX groups_last ON groups (last DESC, key DESC);
        CREATE TABLE group_hours (
          key INTEGER, hour INTEGER, count INTEGER NOT NULL, PRIMARY KEY (key, hour)) WITHOUT ROWID;
        CREATE TABLE rollup (
          minute INTEGER, event_type TEXT, severity INTEGER, count INTEGER NOT NULL,
          PRIMARY KEY (minute, event_type, severity)) WITHOUT ROWID;
        CREATE TABLE rollup_hours (
          hour INTEGER, event_type TEXT, severity INTEGER, count INTEGER NOT NULL,
          PRIMARY KEY (hour, event_type, severity)) WITHOUT ROWID;
        CREATE TABLE sid_hours (
          hour INTEGER, signature_id INTEGER, count INTEGER NOT NULL, PRIMARY KEY (hour, signature_id)) WITHOUT ROWID;
        CREATE TABLE talkers (
          own INTEGER, hour INTEGER, ip TEXT, flows INTEGER NOT NULL, bytes_out INTEGER NOT NULL,
          bytes_in INTEGER NOT NULL, alerts INTEGER NOT NULL, last INTEGER NOT NULL,
          PRIMARY KEY (own, hour, ip)) WITHOUT ROWID;
        CREATE TABLE names (
          ip TEXT, name TEXT, source TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (ip, name)) WITHOUT ROWID;
        CREATE INDEX names_last ON names (last);
        PRAGMA user_version = \(version);
        PRAGMA application_id = \(applicationID);
        """

    /// Opens the file for writing; one that is missing, broken or of another version is made anew.
    ///
    /// - Throws: `SQLiteError`.
    static func openForWriting(_ path: String) throws -> SQLiteConnection {
        do {
            if let connection = try open(path) { return connection }
        } catch let error as SQLiteError where error.isCorruption {}
        remove(path)
        guard let connection = try open(path) else {
            throw SQLiteFileChanged(path: path)
        }
        return connection
    }

    private static func open(_ path: String) throws -> SQLiteConnection? {
        let connection = try SQLiteConnection(path: path)
        try connection.execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        try connection.execute("PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -4096")
        // 32 MiB: what many batches write to is folded in once.
        try connection.execute("PRAGMA wal_autocheckpoint = 4096")
        let version = try connection.integer("PRAGMA user_version")
        let isEmpty = try connection.integer("SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty {
            try connection.transaction { try connection.execute(statements) }
        } else if version != Self.version {
            return nil
        }
        return connection
    }

    /// Removes the file with its log.
    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }
}

/// Something else than this program has put a file in the place of the index.
struct SQLiteFileChanged: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path) is not an index, and comes back when it is removed" }
}

extension SQLiteError {
    /// The file does not hold what it should.
    var isCorruption: Bool { code == .corrupt || code == .notADatabase }

    /// Whether it is about the file at this path.
    func isOf(_ path: String) -> Bool {
        guard let file, let faulty = try? FileFacts(path: file), let facts = try? FileFacts(path: path) else {
            return false
        }
        return faulty.isSameFile(as: facts)
    }
}
