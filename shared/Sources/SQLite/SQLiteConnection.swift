import CSQLite
import HTTPTypes
public import Lifecycle
import Synchronization

/// An open database file; one owner, one thread at a time: it may be handed to another thread, but not be used by two at
/// once. Debug builds end where that happens, because SQLite opened without mutexes does not notice it.
public final class SQLiteConnection {
    /// What the connection may do.
    public enum Mode: Sendable {
        /// Reads and writes, and makes the file when it is missing.
        case readWriteCreate
        /// Only reads, an existing file.
        case readOnly
        /// Only reads, an existing file that nobody writes as long as it is open: no lock is taken, and no log looked for.
        case immutable
    }

    /// The path that was opened.
    public let path: String
    let handle: OpaquePointer
    /// The file as SQLite names it, which tells it from those of other connections; nil for none.
    public var file: String? { Self.file(of: handle) }
    private let isInUse = Atomic(false)

    /// Opens the file.
    ///
    /// - Parameter busyTimeoutMilliseconds: how long a call waits for other connections' locks.
    /// - Throws: ``SQLiteError``; a file that is no database is only noticed by the first statement.
    public init(path: String, mode: Mode = .readWriteCreate, busyTimeoutMilliseconds: Int = 5_000) throws(SQLiteError) {
        let (name, access) =
            switch mode {
            case .readWriteCreate: (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            case .readOnly: (path, SQLITE_OPEN_READONLY)
            case .immutable:
                (
                    "file:\(path.hasPrefix("/") ? "//" : "")\(PercentEncoding.encode(path, keeping: "/"))?immutable=1",
                    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                )
            }
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(name, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let handle else {
            // A handle comes even with an error, to hold its words.
            let error = SQLiteError(code, connection: handle, doing: "cannot open \(path)")
            sqlite3_close_v2(handle)
            throw error
        }
        self.path = path
        self.handle = handle
        sqlite3_busy_timeout(handle, Int32(clamping: busyTimeoutMilliseconds))
    }

    deinit {
        // Statements that still live keep the handle until they end.
        sqlite3_close_v2(handle)
    }

    /// Runs statements that give no rows of interest.
    public func execute(_ sql: String) throws(SQLiteError) {
        try check(exclusively { sqlite3_exec(handle, sql, nil, nil, nil) }, doing: sql)
    }

    /// Compiles one statement, to be used many times.
    public func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        try SQLiteStatement(sql, on: self)
    }

    /// The first column of the first row as an integer; nil when there is no row.
    public func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(at: 0) : nil
    }

    /// The first column of every row as text, without the rows that have NULL there.
    public func texts(_ sql: String) throws(SQLiteError) -> [String] {
        let statement = try prepare(sql)
        var texts: [String] = []
        while try statement.step() {
            if let text = statement.text(at: 0) { texts.append(text) }
        }
        return texts
    }

    /// Runs `body` between `BEGIN IMMEDIATE` and `COMMIT`; when either throws, nothing of it has happened.
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some errors, a full disk among them, have ended the transaction already: then there is nothing to undo.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body`, whose statements end with ``SQLiteError/Code/interrupted`` once the deadline has passed.
    public func limited<Result>(by deadline: Deadline, _ body: () throws -> Result) rethrows -> Result {
        try withUnsafePointer(to: deadline) { deadline in
            sqlite3_progress_handler(
                handle, Self.stepsBetweenLooks,
                { $0?.assumingMemoryBound(to: Deadline.self).pointee.hasPassed == true ? 1 : 0 },
                UnsafeMutableRawPointer(mutating: deadline))
            defer { sqlite3_progress_handler(handle, 0, nil, nil) }
            return try body()
        }
    }

    /// Leaves the write-ahead log and its index beside the file when the last connection closes: without them nobody can
    /// read the file who may not write to its folder.
    public func keepLog() throws(SQLiteError) {
        var keeps: Int32 = 1
        try check(
            exclusively { sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keeps) },
            doing: "keeping the log of \(path)")
    }

    /// How many rows the last completed statement changed.
    public var changedRowCount: Int { Int(sqlite3_changes64(handle)) }

    /// The number of the row that was inserted last.
    public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Steps of SQLite's machine between two looks at a deadline: some tens of microseconds.
    private static let stepsBetweenLooks: Int32 = 1_000

    static func file(of handle: OpaquePointer) -> String? {
        sqlite3_db_filename(handle, "main").map { String(cString: $0) }
    }

    /// Makes a call of SQLite that takes the connection for itself.
    func exclusively<Result>(_ call: () -> Result) -> Result {
        // Release builds do not evaluate what is asserted.
        assert(beginUse(), "two threads use the connection to \(path) at once")
        defer { assert(endUse()) }
        return call()
    }

    /// - Returns: false when somebody uses the connection at this moment.
    func beginUse() -> Bool { !isInUse.exchange(true, ordering: .acquiring) }

    private func endUse() -> Bool { isInUse.exchange(false, ordering: .releasing) }

    func check(_ code: Int32, doing what: @autoclosure () -> String) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code, connection: handle, doing: what()) }
    }
}
