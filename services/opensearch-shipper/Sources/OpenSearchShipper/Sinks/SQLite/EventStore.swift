import EventContract
import Glibc
import JSON
import Pipeline
import SQLite

/// The SQLite file with the events, open for writing. Schema and reasons: docs/sinks.md.
final class EventStore {
    /// Raised with every change of the schema, and kept in the file as `user_version`.
    static let schemaVersion: Int64 = 1

    private static let schema = """
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
        """

    /// What no waiting can cure.
    struct NewerSchema: Error, CustomStringConvertible {
        let path: String
        let version: Int64

        var description: String {
            "\(path) has schema version \(version), this program knows up to \(EventStore.schemaVersion): "
                + "update it, or name another file in sqlite.path"
        }
    }

    private let connection: SQLiteConnection
    private let insertion: SQLiteStatement
    private let file: FileNumber?
    private var tree = JSONTree()

    /// Opens the file and makes it and its tables where they are missing.
    ///
    /// - Throws: `SQLiteError`, which waiting or a person may cure; ``NewerSchema``.
    init(path: String, busyTimeoutMilliseconds: Int) throws {
        let connection = try SQLiteConnection(path: path, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        // The measurements behind these numbers are in docs/decisions. The page size only counts for a new file.
        try connection.execute("PRAGMA page_size = 8192")
        try connection.execute("PRAGMA journal_mode = WAL")
        // A batch is acknowledged after its commit, and then exists nowhere else: it must survive a power cut.
        try connection.execute("PRAGMA synchronous = FULL")
        // The log grows to 64 MiB before it is folded in: index pages that many batches change are then written once.
        try connection.execute("PRAGMA wal_autocheckpoint = 8192")
        try connection.execute("PRAGMA journal_size_limit = 67108864")
        try connection.execute("PRAGMA cache_size = -4096")
        let version = try connection.integer("PRAGMA user_version") ?? 0
        guard version <= Self.schemaVersion else { throw NewerSchema(path: path, version: version) }
        if version < Self.schemaVersion {
            try connection.transaction {
                try connection.execute(Self.schema)
                try connection.execute("PRAGMA user_version = \(Self.schemaVersion)")
            }
        }
        self.connection = connection
        insertion = try connection.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        file = FileNumber(path: path)
    }

    /// Whether the path still names the file that is open: someone may have removed or replaced it.
    var isInPlace: Bool { FileNumber(path: connection.path) == file }

    /// Stores a batch in one transaction.
    ///
    /// - Returns: an outcome for each document: stored, already there or rejected.
    /// - Throws: `SQLiteError`; then nothing of the batch is stored.
    func store(_ batch: DocumentBatch) throws -> [ItemOutcome] {
        try connection.transaction {
            try batch.withBytes { bytes in
                var outcomes: [ItemOutcome] = []
                outcomes.reserveCapacity(batch.count)
                for item in 0..<batch.count {
                    let document = batch.document(at: item)
                    outcomes.append(try store(document, UnsafeRawBufferPointer(rebasing: bytes[document.range])))
                }
                return outcomes
            }
        }
    }

    /// Removes events by age, and the ones that were stored first when all together take too much; their room is used
    /// again.
    ///
    /// - Parameters:
    ///   - oldestTime: events from before this time go, in nanoseconds since the epoch; nil for none.
    ///   - bytesMax: what the events may take; nil for any number of bytes.
    ///   - countMax: the most events that one call removes for either reason.
    /// - Returns: how many were removed.
    /// - Throws: `SQLiteError`; what was removed by age before it stays removed.
    func remove(before oldestTime: Int64?, bytesMax: Int64?, countMax: Int) throws -> Int {
        var removedCount = 0
        if let oldestTime {
            removedCount += try removeAll("WHERE timestamp < \(oldestTime) LIMIT \(countMax)")
        }
        if let bytesMax, try usedBytes() > bytesMax {
            removedCount += try removeAll("ORDER BY rowid LIMIT \(countMax)")
        }
        return removedCount
    }

    private func removeAll(_ which: String) throws -> Int {
        try connection.execute("DELETE FROM events WHERE rowid IN (SELECT rowid FROM events \(which))")
        return connection.changedRowCount
    }

    /// What the file holds, without the pages that are free again.
    private func usedBytes() throws -> Int64 {
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        let freePages = try connection.integer("PRAGMA freelist_count") ?? 0
        return try (pages - freePages) * (connection.integer("PRAGMA page_size") ?? 0)
    }

    private func store(
        _ document: DocumentBatch.Document, _ bytes: UnsafeRawBufferPointer
    ) throws -> ItemOutcome {
        let root: JSONNode
        do {
            root = try tree.parse(bytes)
        } catch {
            return .rejected(type: "not_json", reason: "\(error)")
        }
        guard root.kind == .object else { return .rejected(type: "not_json", reason: "the document is no object") }
        let row = EventRow(root)
        // What is bound without copying lies in `bytes`, or in `document`, until the reset.
        defer { insertion.reset() }
        do {
            try document.id.withUnsafeBytes { id in
                try insertion.bindUncopied(id, at: 1)
                try insertion.bind(document.time, at: 2)
                try bind(row.eventType, at: 3)
                try insertion.bind(row.severity, at: 4)
                try bind(row.sourceIP, at: 5)
                try insertion.bind(row.sourcePort, at: 6)
                try bind(row.destinationIP, at: 7)
                try insertion.bind(row.destinationPort, at: 8)
                try bind(row.signature, at: 9)
                try insertion.bindUncopied(bytes, at: 10)
                _ = try insertion.step()
            }
        } catch let error as SQLiteError where error.code == .tooBig {
            return .rejected(type: "too_big", reason: error.description)
        }
        return connection.changedRowCount > 0 ? .stored : .alreadyThere
    }

    private func bind(_ node: JSONNode?, at parameter: Int) throws(SQLiteError) {
        guard let node, node.kind == .string else { return try insertion.bind(Int64?.none, at: parameter) }
        if node.hasEscapes {
            try insertion.bind(node.string, at: parameter)
        } else {
            try insertion.bindUncopied(node.content, at: parameter)
        }
    }
}

/// Which file a path names.
private struct FileNumber: Equatable {
    let device: dev_t
    let inode: ino_t

    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
