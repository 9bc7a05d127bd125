import SQLite

/// The event store, open for queries while another process writes it; one thread at a time.
public final class EventStoreReader {
    private let connection: SQLiteConnection

    /// Opens an existing store.
    ///
    /// - Parameter busyTimeoutMilliseconds: how long a query waits for a lock.
    /// - Throws: `SQLiteError` when the file cannot be opened or is not a database; ``EventStoreFileError`` when it is not a
    ///   store, or a store of a newer version.
    public init(path: String, busyTimeoutMilliseconds: Int) throws {
        connection = try SQLiteConnection(
            path: path, mode: .readOnly, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
        _ = try EventStoreSchema.preparation(of: connection)
    }

    /// The events that a query finds, newest first.
    ///
    /// - Throws: `SQLiteError`.
    public func events(_ query: EventQuery) throws -> [StoredEvent] {
        let (sql, values) = query.statement
        let select = try connection.prepare(sql)
        for (index, value) in values.enumerated() {
            switch value {
            case .integer(let number): try select.bind(number, at: index + 1)
            case .text(let text): try select.bind(text, at: index + 1)
            }
        }
        var events: [StoredEvent] = []
        while try select.step() { events.append(StoredEvent(select)) }
        return events
    }
}

extension StoredEvent {
    /// The current row of the statement: its row id, then the columns in the schema's order.
    fileprivate init(_ row: SQLiteStatement) {
        self.init(
            place: EventQuery.Place(timestamp: row.integer(at: 2) ?? 0, row: row.integer(at: 0) ?? 0),
            id: row.text(at: 1) ?? "", eventType: row.text(at: 3), severity: row.integer(at: 4),
            sourceIP: row.text(at: 5), sourcePort: row.integer(at: 6), destinationIP: row.text(at: 7),
            destinationPort: row.integer(at: 8), signature: row.text(at: 9), document: row.text(at: 10) ?? "")
    }
}
