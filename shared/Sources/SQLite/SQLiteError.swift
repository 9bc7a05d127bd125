import CSQLite

/// What SQLite refused, and why.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// SQLite's primary result code; unknown ones are kept.
    public struct Code: RawRepresentable, Equatable, Sendable {
        /// The number, as in `sqlite3.h`.
        public let rawValue: Int32

        /// A code of this number.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// Another connection holds a lock for longer than the busy timeout.
        public static let busy = Code(rawValue: SQLITE_BUSY)
        /// A statement was ended by a deadline.
        public static let interrupted = Code(rawValue: SQLITE_INTERRUPT)
        /// The file cannot be opened or made.
        public static let cannotOpen = Code(rawValue: SQLITE_CANTOPEN)
        /// The content of the file contradicts itself.
        public static let corrupt = Code(rawValue: SQLITE_CORRUPT)
        /// The file is something else than a database.
        public static let notADatabase = Code(rawValue: SQLITE_NOTADB)
        /// There is no room on the disk.
        public static let full = Code(rawValue: SQLITE_FULL)
        /// The disk, or the file system, has refused.
        public static let inputOutput = Code(rawValue: SQLITE_IOERR)
        /// The file or its folder cannot be written.
        public static let readOnly = Code(rawValue: SQLITE_READONLY)
        /// A value is larger than SQLite can hold.
        public static let tooBig = Code(rawValue: SQLITE_TOOBIG)
    }

    /// The kind of error.
    public let code: Code
    /// The finer code, as in `sqlite3.h`.
    public let extendedCode: Int32
    /// SQLite's words, and the path where that helps.
    public let message: String
    /// The file of the connection, as ``SQLiteConnection/file``; nil when none was opened.
    public let file: String?

    /// The message.
    public var description: String { message }

    /// The one place that makes the error from a result code and what the connection says about it.
    init(_ code: Int32, connection: OpaquePointer?, doing what: String) {
        self.code = Code(rawValue: code & 0xff)
        extendedCode = code
        file = connection.flatMap(SQLiteConnection.file)
        // The connection's words belong to its last call, which may not be the one that gave `code`.
        let isLast = connection.map { sqlite3_extended_errcode($0) == code } ?? false
        let words = isLast ? String(cString: sqlite3_errmsg(connection)) : String(cString: sqlite3_errstr(code))
        message = "\(what): \(words) (\(code))"
    }
}
