import SQLite

extension Triage {
    /// A query with a name.
    struct Filter: Sendable {
        let id: String
        let name: String
        let query: String
        let user: String
        let time: Int64
    }

    static let filtersMax = 500

    /// All filters by name.
    ///
    /// - Throws: `SQLiteError`.
    func filters() throws -> [Filter] {
        try connection.withLock { connection in
            try connection.rows(
                "SELECT id, name, q, user, time FROM saved_filters ORDER BY name LIMIT \(Self.filtersMax)"
            ) { row in
                Filter(
                    id: row.text(at: 0) ?? "", name: row.text(at: 1) ?? "", query: row.text(at: 2) ?? "",
                    user: row.text(at: 3) ?? "", time: row.integer(at: 4) ?? 0)
            }
        }
    }

    /// Keeps a filter, in place of the one with its id.
    ///
    /// - Returns: false when there are too many others.
    /// - Throws: `SQLiteError`.
    func put(_ filter: Filter) throws -> Bool {
        try connection.withLock { connection in
            try connection.transaction {
                guard try connection.count(in: "saved_filters", without: filter.id) < Self.filtersMax else {
                    return false
                }
                try connection.run(
                    "INSERT OR REPLACE INTO saved_filters VALUES (?, ?, ?, ?, ?)", .text(filter.id), .text(filter.name),
                    .text(filter.query), .text(filter.user), .integer(filter.time))
                return true
            }
        }
    }

    /// - Returns: false when there is none.
    /// - Throws: `SQLiteError`.
    func removeFilter(_ id: String) throws -> Bool {
        try connection.withLock { connection in
            try connection.run("DELETE FROM saved_filters WHERE id = ?", .text(id))
            return connection.changedRowCount > 0
        }
    }
}

extension SQLiteConnection {
    fileprivate func count(in table: String, without id: String) throws -> Int {
        try rows("SELECT count(*) FROM \(table) WHERE id <> ?", [.text(id)]) { Int($0.integer(at: 0) ?? 0) }.first ?? 0
    }
}
