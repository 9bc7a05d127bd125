import CivilTime
import JSON

/// A page of a list of events, as JSON that is ready to be sent.
struct EventList: Sendable {
    let rows: [[UInt8]]
    /// Where the next page begins; nil at the end of the list.
    let next: Int64?
    /// How far the search has come, when its time was over before the page was full; in nanoseconds since the epoch.
    private let searchedTo: Int64?
    private let isComplete: Bool

    init(rows: [[UInt8]], next: Int64?) {
        (self.rows, self.next, searchedTo, isComplete) = (rows, next, nil, true)
    }

    /// Events of the store, those stored last first.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    init(_ query: Query, _ window: EventReader.Window, limit: Int, _ reader: EventReader) throws {
        var rows: [[UInt8]] = []
        let outcome = try reader.find(query, in: window) { event, document in
            guard let document else { return true }
            rows.append(EventRow(event: event, document: document, reader: reader).json)
            return rows.count < limit
        }
        self.rows = rows
        next = rows.count == limit || !outcome.isComplete ? outcome.last : nil
        isComplete = outcome.isComplete
        searchedTo = outcome.isComplete ? nil : outcome.lastTime
    }

    func writeMembers(to answer: inout JSONWriter) {
        answer.array("events") { list in for row in rows { list.json(row) } }
        answer.member("next", next)
        answer.member("complete", isComplete)
        answer.member("searched_to", searchedTo.map { UTCTimestamp($0).description })
    }
}
