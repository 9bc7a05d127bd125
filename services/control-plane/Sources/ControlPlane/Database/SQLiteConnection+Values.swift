import SQLite

/// A value for a statement.
enum SQLValue {
    case integer(Int64?)
    case text(String?)
}

extension SQLiteConnection {
    /// Carries out one statement with these values, whose rows are of no interest.
    func run(_ sql: String, _ values: SQLValue...) throws(SQLiteError) {
        let statement = try prepare(sql)
        try statement.bind(values)
        while try statement.step() {}
    }

    /// All rows of a statement with these values, each as `read` makes it; the statement says how many there may be.
    func rows<Row>(
        _ sql: String, _ values: [SQLValue] = [], read: (SQLiteStatement) -> Row
    ) throws(SQLiteError) -> [Row] {
        let statement = try prepare(sql)
        try statement.bind(values)
        var rows: [Row] = []
        while try statement.step() { rows.append(read(statement)) }
        return rows
    }
}

extension SQLiteStatement {
    func bind(_ values: [SQLValue]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            switch value {
            case .integer(let integer): try bind(integer, at: index + 1)
            case .text(let text): try bind(text, at: index + 1)
            }
        }
    }
}
