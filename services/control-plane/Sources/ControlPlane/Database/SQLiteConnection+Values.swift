import SQLite

extension SQLiteConnection {
    /// Carries out one statement with these values, whose rows are of no interest.
    func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) {
        try prepare(sql).run(values)
    }

    /// All rows of a statement with these values, each as `read` makes it; the statement says how many there may be.
    func rows<Row>(
        _ sql: String, _ values: [SQLiteValue] = [], read: (SQLiteStatement) -> Row
    ) throws(SQLiteError) -> [Row] {
        let statement = try prepare(sql)
        try statement.bind(values)
        var rows: [Row] = []
        while try statement.step() { rows.append(read(statement)) }
        return rows
    }
}

extension SQLiteStatement {
    /// Carries out the statement once with these values, whose rows are of no interest.
    func run(_ values: [SQLiteValue]) throws(SQLiteError) {
        defer { reset() }
        try bind(values)
        while try step() {}
    }

    /// The first row with these values, as `read` makes it; nil when there is none.
    func row<Row>(_ values: [SQLiteValue], read: (SQLiteStatement) -> Row) throws(SQLiteError) -> Row? {
        defer { reset() }
        try bind(values)
        return try step() ? read(self) : nil
    }
}
