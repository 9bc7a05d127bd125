import SQLite

/// The tables of one area of a database, as the steps by which they came to be; several areas may share a file.
struct Schema {
    /// Names the area in the file.
    let area: String
    /// Statements, each step for who has the one before; a step that was released is never changed.
    let steps: [String]

    /// Carries out the steps that the file has not seen, all or none.
    ///
    /// - Throws: `SQLiteError`; ``NewerError`` when a later release has been at work.
    func apply(to connection: SQLiteConnection) throws {
        try connection.transaction {
            try connection.execute(
                "CREATE TABLE IF NOT EXISTS schema (area TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
            let version = Int(try connection.integer("SELECT version FROM schema WHERE area = '\(area)'") ?? 0)
            guard version <= steps.count else { throw NewerError(path: connection.path, area: area) }
            for step in steps[version...] { try connection.execute(step) }
            try connection.execute("INSERT OR REPLACE INTO schema VALUES ('\(area)', \(steps.count))")
        }
    }

    /// The file was written by a later release.
    struct NewerError: Error, CustomStringConvertible {
        let path: String
        let area: String

        var description: String {
            "the tables of \(area) in \(path) are of a later release: start that one, or restore a copy of before"
        }
    }
}
