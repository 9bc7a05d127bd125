import SQLite

/// The file of what people have decided: accounts, the audit log, what is archived. Small, and never rebuilt.
enum TriageDatabase {
    /// Opens the file, and brings the tables of one area up to date.
    ///
    /// Each area has a connection of its own; SQLite lets one write after the other.
    /// - Parameter folder: the data folder.
    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    static func open(in folder: String, _ schema: Schema) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(path: folder + "/triage.db")
        // FULL: what somebody was told is done stays done, also when the power goes.
        try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
        try schema.apply(to: connection)
        return connection
    }
}
