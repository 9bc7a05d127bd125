public import EventContract
import Files
import JSON
public import Pipeline
import SQLite

/// The SQLite file with the events, open for writing. Schema and reasons: docs/sinks.md.
public final class EventStoreWriter {
    private let connection: SQLiteConnection
    private let insertion: SQLiteStatement
    private let file: FileFacts?
    /// From schema 1, and not removed yet.
    private var obsoleteIndexes: [String]
    private var tree = JSONTree()

    /// Whether opening has turned a store of an older schema into one of this.
    public let wasUpgraded: Bool

    /// Opens the file, creates it and its tables where they are missing, and brings an older store to this schema.
    ///
    /// - Throws: `SQLiteError`, which time or an operator may remedy; ``EventStoreFileError``, and then nothing was written.
    public init(path: String, busyTimeoutMilliseconds: Int) throws {
        let connection = try SQLiteConnection(path: path, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        let state = try EventStoreSchema.state(of: connection)
        // The measurements behind these numbers are in docs/decisions. The page size only counts for a new file.
        try connection.execute("PRAGMA page_size = 8192")
        try connection.execute("PRAGMA journal_mode = WAL")
        // A batch is acknowledged after its commit, and then exists nowhere else: it must survive a power cut.
        try connection.execute("PRAGMA synchronous = FULL")
        // The log grows to 64 MiB before it is folded in: index pages that many batches change are then written once.
        try connection.execute("PRAGMA wal_autocheckpoint = 8192")
        try connection.execute("PRAGMA journal_size_limit = 67108864")
        try connection.execute("PRAGMA cache_size = -4096")
        // Debian's SQLite overwrites with zeros what is deleted; where that takes writing of its own, it is left out.
        try connection.execute("PRAGMA secure_delete = FAST")
        try connection.keepLog()
        if let preparation = state.preparation {
            try connection.transaction { try connection.execute(preparation) }
        }
        wasUpgraded = state == .first
        obsoleteIndexes = try EventStoreSchema.obsoleteIndexes(of: connection)
        self.connection = connection
        let columns = EventStoreSchema.storedColumns
        insertion = try connection.prepare(
            """
            INSERT OR IGNORE INTO events (\(columns.joined(separator: ", ")))
            VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            """)
        file = try? FileFacts(path: path)
    }

    /// Whether the path still names the file that is open: someone may have removed or replaced it.
    public var isInPlace: Bool {
        guard let file, let now = try? FileFacts(path: connection.path) else { return false }
        return now.isSameFile(as: file)
    }

    /// Whether the upgrade has left indexes that are of no use any more.
    public var hasObsoleteIndex: Bool { !obsoleteIndexes.isEmpty }

    /// Removes one of them, which may take seconds when there are millions of events: each in a transaction of its own, so
    /// that batches can be stored in between.
    ///
    /// - Throws: `SQLiteError`; then it is still there.
    public func removeObsoleteIndex() throws {
        guard let name = obsoleteIndexes.last else { return }
        try connection.execute("DROP INDEX IF EXISTS \(name)")
        obsoleteIndexes.removeLast()
    }

    /// Stores a batch in one transaction.
    ///
    /// - Returns: an outcome for each document: stored, already there or rejected.
    /// - Throws: `SQLiteError`; then nothing of the batch is stored.
    public func store(_ batch: DocumentBatch) throws -> [ItemOutcome] {
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

    /// Removes events by age, and those stored first while all together take too much; their room in the file is
    /// reused.
    ///
    /// - Parameters:
    ///   - oldestTime: events from before this time are removed, in nanoseconds since the epoch; nil for none.
    ///   - bytesMax: how many bytes the events may take; nil for any number.
    ///   - countMax: the most events that one call removes for either reason.
    /// - Returns: how many were removed.
    /// - Throws: `SQLiteError`; events already removed by age stay removed.
    public func remove(before oldestTime: Int64?, bytesMax: Int64?, countMax: Int) throws -> Int {
        var removedCount = 0
        if let oldestTime {
            removedCount += try removeAll("WHERE timestamp < \(oldestTime) LIMIT \(countMax)")
        }
        if let bytesMax, try usedBytes() > bytesMax {
            removedCount += try removeAll("ORDER BY seq LIMIT \(countMax)")
        }
        return removedCount
    }

    private func removeAll(_ which: String) throws -> Int {
        try connection.execute("DELETE FROM events WHERE seq IN (SELECT seq FROM events \(which))")
        return connection.changedRowCount
    }

    /// The bytes that the file holds, without free pages.
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
