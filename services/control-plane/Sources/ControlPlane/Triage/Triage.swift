import SQLite
import Synchronization

/// What people have decided about alerts: archived, escalated, commented; and what they keep for later.
///
/// It is the truth; the index has a copy of what the inbox is sorted by, and takes it from here whenever it falls behind.
final class Triage: Sendable {
    static let schema = Schema(
        area: "triage",
        steps: [
            """
            CREATE TABLE group_state (
              key INTEGER PRIMARY KEY, signature_id INTEGER NOT NULL, src_ip TEXT NOT NULL, dest_ip TEXT NOT NULL,
              sensor TEXT NOT NULL, archived_through INTEGER NOT NULL DEFAULT 0, archived_by TEXT, archived_at INTEGER,
              escalated_at INTEGER, assignee TEXT, changed INTEGER NOT NULL);
            CREATE INDEX group_state_changed ON group_state (changed);
            CREATE TABLE event_state (
              event_id TEXT PRIMARY KEY, archived_at INTEGER, escalated_at INTEGER) WITHOUT ROWID;
            CREATE TABLE history (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL,
              batch TEXT NOT NULL, key INTEGER NOT NULL, archived_through INTEGER, archived_by TEXT,
              archived_at INTEGER, escalated_at INTEGER, assignee TEXT);
            CREATE INDEX history_key ON history (key);
            CREATE INDEX history_batch ON history (batch);
            CREATE TABLE comments (
              id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, user TEXT NOT NULL, event_id TEXT,
              key INTEGER, text TEXT NOT NULL);
            CREATE INDEX comments_event ON comments (event_id) WHERE event_id IS NOT NULL;
            CREATE INDEX comments_key ON comments (key) WHERE key IS NOT NULL;
            CREATE TABLE saved_filters (
              id TEXT PRIMARY KEY, name TEXT NOT NULL, q TEXT NOT NULL, user TEXT NOT NULL, time INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE TABLE archive_rules (
              id TEXT PRIMARY KEY, q TEXT NOT NULL, note TEXT NOT NULL, expires INTEGER, user TEXT NOT NULL,
              time INTEGER NOT NULL, hits INTEGER NOT NULL DEFAULT 0, last_hit INTEGER) WITHOUT ROWID;
            """,
            """
            CREATE TABLE host_notes (
              ip TEXT PRIMARY KEY, name TEXT NOT NULL, note TEXT NOT NULL, user TEXT NOT NULL, time INTEGER NOT NULL
            ) WITHOUT ROWID;
            """,
            """
            -- of the alert that was archived last in the order of storing; the largest number where only the time counts
            ALTER TABLE group_state ADD COLUMN archived_seq INTEGER NOT NULL DEFAULT 9223372036854775807;
            ALTER TABLE history ADD COLUMN archived_seq INTEGER;
            -- rules that are over: what they have archived stays archived
            CREATE TABLE ended_rules (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, q TEXT NOT NULL, time INTEGER NOT NULL, until INTEGER NOT NULL);
            -- the last event whose hits of rules are counted, so that an index that is built anew counts none again
            CREATE TABLE counted (seq INTEGER NOT NULL, id TEXT NOT NULL);
            INSERT INTO counted VALUES (0, '');
            """,
        ])

    let connection: Mutex<SQLiteConnection>
    /// The rules as they are asked for alerts.
    let active: Mutex<[ActiveRule]>

    /// - Parameter folder: the data folder.
    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    init(in folder: String) throws {
        let connection = try TriageDatabase.open(in: folder, Self.schema)
        active = Mutex(try Self.activeRules(connection))
        self.connection = Mutex(connection)
    }
}
