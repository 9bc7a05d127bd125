import Files
import Lifecycle
import SQLite

/// The event store, open for queries while another process writes it or nobody does; one thread at a time.
///
/// Read rights to the file and its folder are enough, on a file system that is mounted read-only, too. No query leaves a
/// transaction open: that would keep the writer's log growing.
public final class EventStoreReader {
    private let path: String
    private let busyTimeoutMilliseconds: Int
    private let queryMillisecondsMax: Int
    private var opened: (connection: SQLiteConnection, file: FileFacts, hasLog: Bool)

    /// Opens an existing store.
    ///
    /// - Parameters:
    ///   - busyTimeoutMilliseconds: how long a query waits for a lock.
    ///   - queryMillisecondsMax: after how long a query ends unanswered, with `SQLiteError.Code.interrupted`.
    /// - Throws: `SQLiteError` when the file cannot be opened or is not a database; ``EventStoreFileError`` when it is not a
    ///   store, or one of another version; `FileError` when there is no such file.
    public init(path: String, busyTimeoutMilliseconds: Int, queryMillisecondsMax: Int = 2_000) throws {
        self.path = path
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        self.queryMillisecondsMax = queryMillisecondsMax
        opened = try Self.open(path, busyTimeoutMilliseconds)
    }

    /// The events that a query finds, newest first by their own time.
    ///
    /// - Throws: what ``init(path:busyTimeoutMilliseconds:queryMillisecondsMax:)`` throws, as do all queries: a file that
    ///   was replaced is opened anew.
    public func events(_ query: EventQuery) throws -> [StoredEvent] {
        let (sql, values) = query.statement
        return try events(sql, values)
    }

    /// The events that were stored last, the last one first.
    ///
    /// - Parameters:
    ///   - sequence: only those with a lower number: that of the last event on the previous page; nil for any.
    ///   - limit: how many, 1 to ``EventQuery/limitMax``; a number outside is clamped.
    public func lastStored(before sequence: Int64? = nil, limit: Int) throws -> [StoredEvent] {
        try events(
            "\(StoredEvent.selection) WHERE seq < ? ORDER BY seq DESC LIMIT ?",
            [.integer(sequence ?? .max), .integer(clamped(limit))])
    }

    /// The events that were stored after another, in the order of storing: for whoever follows the store.
    ///
    /// - Parameters:
    ///   - sequence: the number of the last event that is known already; 0 for none.
    ///   - limit: how many, 1 to ``EventQuery/limitMax``; a number outside is clamped.
    public func stored(after sequence: Int64, limit: Int) throws -> [StoredEvent] {
        try events(
            "\(StoredEvent.selection) WHERE seq > ? ORDER BY seq LIMIT ?",
            [.integer(sequence), .integer(clamped(limit))])
    }

    /// The event with an id; nil when the store does not have it, or no longer.
    public func event(id: String) throws -> StoredEvent? {
        try events("\(StoredEvent.selection) WHERE id = ?", [.text(id)]).first
    }

    /// A number that differs from the last one when the store was changed in between: cheap enough to be asked every second.
    public func changeMark() throws -> Int64 {
        try read { try $0.integer("PRAGMA data_version") ?? 0 }
    }

    private func events(_ sql: String, _ values: [SQLiteValue]) throws -> [StoredEvent] {
        try read { connection in
            let select = try connection.prepare(sql)
            try select.bind(values)
            var events: [StoredEvent] = []
            while try select.step() { events.append(StoredEvent(select)) }
            return events
        }
    }

    func read<Answer>(_ body: (SQLiteConnection) throws -> Answer) throws -> Answer {
        if try !FileFacts(path: path).isSameFile(as: opened.file) || opened.hasLog != Self.hasLog(path) {
            opened = try Self.open(path, busyTimeoutMilliseconds)
        }
        return try opened.connection.limited(by: .milliseconds(queryMillisecondsMax)) { try body(opened.connection) }
    }

    /// SQLite refuses to read a file that has no log yet to those who may not make one; but then nobody writes it, either.
    private static func open(
        _ path: String, _ busyTimeoutMilliseconds: Int
    ) throws -> (connection: SQLiteConnection, file: FileFacts, hasLog: Bool) {
        let (file, hasLog) = (try FileFacts(path: path), hasLog(path))
        let connection = try SQLiteConnection(
            path: path, mode: hasLog ? .readOnly : .immutable, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        guard try EventStoreSchema.state(of: connection) == .current else {
            throw EventStoreFileError.notPrepared(path: path)
        }
        // What is read once and again the kernel keeps; here it would be kept a second time.
        try connection.execute("PRAGMA cache_size = -1024")
        return (connection, file, hasLog)
    }

    private static func hasLog(_ path: String) -> Bool { (try? FileFacts(path: path + "-wal")) != nil }

    private func clamped(_ limit: Int) -> Int64 { Int64(min(max(1, limit), EventQuery.limitMax)) }
}
