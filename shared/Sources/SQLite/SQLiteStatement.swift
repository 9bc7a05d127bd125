import CSQLite

/// A value for a parameter of a statement; nil is NULL.
public enum SQLiteValue: Sendable, Equatable {
    case integer(Int64?)
    case text(String?)
}

/// A compiled statement, used again and again: bind, step, read, reset.
///
/// Parameters count from 1 and columns from 0, as in SQLite.
public final class SQLiteStatement {
    private let connection: SQLiteConnection
    private let handle: OpaquePointer

    init(_ sql: String, on connection: SQLiteConnection) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = connection.exclusively {
            sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        }
        try connection.check(code, doing: sql)
        guard let handle else { throw SQLiteError(SQLITE_MISUSE, connection: nil, doing: "'\(sql)' is no statement") }
        self.connection = connection
        self.handle = handle
    }

    deinit {
        connection.exclusively { _ = sqlite3_finalize(handle) }
    }

    /// Binds an integer, or NULL.
    public func bind(_ value: Int64?, at parameter: Int) throws(SQLiteError) {
        let code =
            if let value { sqlite3_bind_int64(handle, Int32(parameter), value) } else {
                sqlite3_bind_null(handle, Int32(parameter))
            }
        try connection.check(code, doing: "binding \(parameter)")
    }

    /// Binds text of UTF-8 bytes, which SQLite copies; nil binds NULL.
    public func bind(_ text: String?, at parameter: Int) throws(SQLiteError) {
        guard var text else { return try bind(Int64?.none, at: parameter) }
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                sqlite3_bind_text64(
                    handle, Int32(parameter), bytes.baseAddress, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
            }
        }
        try connection.check(code, doing: "binding \(parameter)")
    }

    /// Binds values from the first parameter on.
    public func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            switch value {
            case .integer(let number): try bind(number, at: index + 1)
            case .text(let text): try bind(text, at: index + 1)
            }
        }
    }

    /// Binds text of UTF-8 bytes that the caller keeps in place until ``reset()``: nothing is copied.
    public func bindUncopied(_ text: UnsafeRawBufferPointer, at parameter: Int) throws(SQLiteError) {
        // An empty buffer has no address, and SQLite would take that for NULL.
        guard let address = text.baseAddress else { return try bind("", at: parameter) }
        // No destructor is SQLITE_STATIC: the bytes stay where they are.
        let code = sqlite3_bind_text64(
            handle, Int32(parameter), address.assumingMemoryBound(to: CChar.self), UInt64(text.count), nil,
            UInt8(SQLITE_UTF8))
        try connection.check(code, doing: "binding \(parameter)")
    }

    /// Goes to the next row.
    ///
    /// - Returns: whether there is a row; false when the statement has ended.
    public func step() throws(SQLiteError) -> Bool {
        switch connection.exclusively({ sqlite3_step(handle) }) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            throw SQLiteError(code, connection: connection.handle, doing: String(cString: sqlite3_sql(handle)))
        }
    }

    /// Ends the run and forgets every binding; the statement may be used again.
    public func reset() {
        // The code repeats the error that `step` has thrown already.
        connection.exclusively {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
    }

    /// A column of the row as an integer; nil for NULL.
    public func integer(at column: Int) -> Int64? {
        guard sqlite3_column_type(handle, Int32(column)) != SQLITE_NULL else { return nil }
        return sqlite3_column_int64(handle, Int32(column))
    }

    /// A column of the row as text; nil for NULL.
    public func text(at column: Int) -> String? {
        guard let bytes = sqlite3_column_text(handle, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Lends the bytes of a column's text; there are none for NULL.
    public func withText<Result>(
        at column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let bytes = sqlite3_column_text(handle, Int32(column))
        return try body(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }

    /// `SQLITE_TRANSIENT`, a macro with a cast, which Swift does not import: SQLite copies the bytes at once.
    private var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
