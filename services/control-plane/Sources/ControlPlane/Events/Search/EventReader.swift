import EventStore
import Files
import JSON
import Lifecycle
import SQLite
import Synchronization

/// Answers questions about events from the store, the index and what people have decided; one thread at a time.
///
/// Every question has a deadline. The store and the index may be missing, and may be replaced at any time: without an index
/// events are found more slowly, without a store there are none.
final class EventReader {
    struct Paths: Sendable {
        let store: String
        let index: String
        let folder: String
    }

    /// How long one question may take.
    static let deadlineMilliseconds = 2_000
    /// How many events are looked through without the index before it is noted how far the search has come.
    private static let eventsPerScan: Int64 = 2_000

    private let paths: Paths
    private let triage: SQLiteConnection
    /// Asked for every event: compiled once.
    private var decisions: [String: SQLiteStatement] = [:]
    private var openedStore: EventStoreReader?
    private var openedIndex: (connection: SQLiteConnection, file: FileFacts)?
    private var tree = JSONTree()

    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    init(_ paths: Paths) throws {
        self.paths = paths
        triage = try TriageDatabase.open(in: paths.folder, Triage.schema)
    }

    /// The event store; nil as long as nothing was ever stored.
    ///
    /// - Throws: what `EventStoreReader` throws.
    func store() throws -> EventStoreReader? {
        if let openedStore { return openedStore }
        do {
            openedStore = try EventStoreReader(
                path: paths.store, busyTimeoutMilliseconds: 1_000, queryMillisecondsMax: Self.deadlineMilliseconds)
        } catch let error as FileError where error.isMissing {
        } catch EventStoreFileError.notPrepared {}
        return openedStore
    }

    /// The event with an id; nil when the store does not have it, or no longer.
    ///
    /// - Throws: what the store throws.
    func event(id: String) throws -> StoredEvent? { try store()?.event(id: id) }

    /// The index; nil when there is none.
    func index() -> SQLiteConnection? {
        guard let file = try? FileFacts(path: paths.index) else {
            openedIndex = nil
            return nil
        }
        if let openedIndex, file.isSameFile(as: openedIndex.file) { return openedIndex.connection }
        openedIndex = nil
        do {
            let connection = try SQLiteConnection(path: paths.index, mode: .readOnly, busyTimeoutMilliseconds: 1_000)
            openedIndex = (connection, file)
            try connection.execute("PRAGMA cache_size = -1024")
            // Only now SQLite looks into the file.
            _ = try connection.integer("SELECT seq FROM position")
        } catch {
            removeIndex(after: error)
            openedIndex = nil
        }
        return openedIndex?.connection
    }

    /// Removes the index when the error says that it is broken; the indexer then builds it anew.
    func removeIndex(after error: any Error) {
        guard let error = error as? SQLiteError, error.isCorruption, let openedIndex,
            error.file == openedIndex.connection.file,
            let file = try? FileFacts(path: paths.index), file.isSameFile(as: openedIndex.file)
        else { return }
        EventIndexFile.remove(paths.index)
        self.openedIndex = nil
    }

    // MARK: - Finding events

    /// Where to look.
    struct Window: Sendable {
        /// Only events that were stored before this one.
        var before = Int64.max
        /// Only events that were stored after this one.
        var after: Int64 = 0
    }

    /// How far a search has come.
    struct Outcome: Sendable, Equatable {
        /// Whether all of the window was looked through.
        var isComplete = true
        /// All events of the window down to this one were looked at.
        var last: Int64?
        /// The time of the last event that was looked at when not all were, in nanoseconds since the epoch.
        var lastTime: Int64?
    }

    /// Shows the events of a query to `body`, those stored last first.
    ///
    /// - Parameters:
    ///   - readsDocuments: whether `body` needs the document; it is nil otherwise, when it need not be read.
    ///   - body: returns whether to go on.
    /// - Throws: what `body` throws, `SQLiteError` and what the store throws, but not that the time is over.
    func find(
        _ query: Query, in window: Window = Window(), readsDocuments: Bool = true,
        deadline: Deadline = .milliseconds(deadlineMilliseconds),
        _ body: (VisitedEvent, JSONNode?) throws -> Bool
    ) throws -> Outcome {
        guard let store = try store(), let stored = try store.sequences() else { return Outcome() }
        let plan = QueryPlan(query)
        var deadline = deadline
        var outcome = Outcome()
        var isStopped = false
        func look(_ event: VisitedEvent) throws -> Bool {
            if plan.isExact, !readsDocuments {
                isStopped = try !body(event, nil)
            } else {
                try event.withDocument { bytes in
                    guard let document = try? tree.parse(bytes) else { return }
                    guard plan.isExact || query.matches(document, facts: { fact($0, event, document) }) else { return }
                    isStopped = try !body(event, document)
                }
            }
            outcome.last = event.sequence
            if !isStopped, deadline.hasPassed { throw TimeIsOver() }
            return !isStopped
        }
        func scan(_ sequences: ClosedRange<Int64>) throws {
            var upper = sequences.upperBound
            while upper >= sequences.lowerBound, !isStopped {
                let lower = max(sequences.lowerBound, upper - Self.eventsPerScan + 1)
                try store.visit(lower...upper, newestFirst: true, where: plan.condition, look)
                if isStopped { return }
                outcome.last = lower
                if deadline.hasPassed, lower > stored.lowerBound { throw TimeIsOver() }
                upper = lower - 1
            }
        }
        func lookUp(_ match: String, _ sequences: ClosedRange<Int64>, _ index: SQLiteConnection) throws {
            try index.limited(by: deadline) {
                try find(match, sequences, index) { lowest, next in
                    var candidate: Int64?
                    try store.visit(
                        each: {
                            if let candidate {
                                outcome.last = candidate
                                if deadline.hasPassed { throw TimeIsOver() }
                            }
                            candidate = try next()
                            return candidate
                        }, where: plan.condition, look)
                    if isStopped { return false }
                    outcome.last = max(lowest, sequences.lowerBound)
                    if deadline.hasPassed, lowest > sequences.lowerBound { throw TimeIsOver() }
                    return true
                }
            }
        }
        do {
            for range in try ranges(window, query.time) where !isStopped {
                let sequences = range.sequences.clamped(to: stored)
                guard range.sequences.overlaps(stored) else { continue }
                guard let match = plan.match, range.isIndexed, let index = index() else {
                    try scan(sequences)
                    continue
                }
                do {
                    try lookUp(match, sequences, index)
                } catch let error as SQLiteError where error.code == .interrupted && outcome.last == nil {
                    // The words alone have taken all the time: without them the search at least gets on.
                    deadline = .milliseconds(Self.deadlineMilliseconds / 4)
                    try scan(sequences)
                } catch let error as SQLiteError where error.code != .interrupted && error.file == index.file {
                    removeIndex(after: error)
                    // An event of an earlier range is above this one.
                    let rest = min(sequences.upperBound, (outcome.last ?? .max) - 1)
                    if rest >= sequences.lowerBound { try scan(sequences.lowerBound...rest) }
                }
            }
        } catch is TimeIsOver {
            outcome.isComplete = false
        } catch let error as SQLiteError where error.code == .interrupted {
            outcome.isComplete = false
        }
        if !outcome.isComplete, let last = outcome.last {
            try store.visit(last...Int64.max, newestFirst: false) { event in
                outcome.lastTime = event.timestamp
                return false
            }
        }
        return outcome
    }

    private struct TimeIsOver: Error {}

    private struct SequenceRange {
        let sequences: ClosedRange<Int64>
        let isIndexed: Bool
    }

    /// Where events of a time can be, the newest first.
    private func ranges(_ window: Window, _ time: Bounds<Int64>) throws -> [SequenceRange] {
        let (first, last) = (window.after + 1, window.before == .max ? Int64.max : window.before - 1)
        guard first <= last else { return [] }
        guard let index = index(), let position = try? index.integer("SELECT seq FROM position"), position >= first
        else {
            return [SequenceRange(sequences: first...last, isIndexed: false)]
        }
        var ranges: [SequenceRange] = []
        if last > position {
            ranges.append(SequenceRange(sequences: max(first, position + 1)...last, isIndexed: false))
        }
        func edge(_ edge: Bounds<Int64>.Edge?, or open: Int64) -> Int64 {
            switch edge {
            case .including(let value)?, .excluding(let value)?: value;
            case nil: open
            }
        }
        let spans = try index.rows(
            """
            SELECT first_seq, last_seq FROM spans
            WHERE last_seq >= ? AND first_seq <= ? AND time_max >= ? AND time_min <= ? ORDER BY first_seq DESC
            """,
            [
                .integer(first), .integer(last), .integer(edge(time.lower, or: .min)),
                .integer(edge(time.upper, or: .max)),
            ]
        ) { row in (first: row.integer(at: 0) ?? 0, last: row.integer(at: 1) ?? 0) }
        var merged: [(first: Int64, last: Int64)] = []
        for span in spans {
            if let newer = merged.last, newer.first == span.last + 1 {
                merged[merged.count - 1].first = span.first
            } else {
                merged.append(span)
            }
        }
        for span in merged where max(first, span.first) <= min(last, span.last) {
            ranges.append(SequenceRange(sequences: max(first, span.first)...min(last, span.last), isIndexed: true))
        }
        return ranges
    }

    /// Goes through the tables of words, the newest first.
    ///
    /// - Parameter body: gets the lowest number that a table can hold, and what gives its next number; returns whether to go
    ///   on.
    private func find(
        _ match: String, _ sequences: ClosedRange<Int64>, _ index: SQLiteConnection,
        _ body: (Int64, () throws -> Int64?) throws -> Bool
    ) throws {
        let last = try index.integer("SELECT seq FROM position") ?? 0
        var number = EventIndexFile.tableNumber(min(sequences.upperBound, last))
        let lowest = EventIndexFile.tableNumber(sequences.lowerBound)
        while number >= lowest {
            let table = EventIndexFile.tableName(number: number)
            let isThere = try index.integer("SELECT 1 FROM sqlite_schema WHERE name = '\(table)'") != nil
            let select =
                try isThere
                ? index.prepare(
                    "SELECT rowid FROM \(table) WHERE \(table) MATCH ? AND rowid >= ? AND rowid <= ? ORDER BY rowid DESC"
                ) : nil
            try select?.bind([.text(match), .integer(sequences.lowerBound), .integer(sequences.upperBound)])
            let next = { try select.flatMap { try $0.step() ? $0.integer(at: 0) : nil } }
            guard try body(EventIndexFile.firstSequence(ofTable: number), next) else { return }
            number -= 1
        }
    }

    // MARK: - What people have decided

    private func fact(_ fact: EventFact, _ event: VisitedEvent, _ document: JSONNode) -> Bool {
        switch fact {
        case .comment:
            return decided("SELECT 1 FROM comments WHERE event_id = ?", .text(event.id)) { _ in true } ?? false
        case .archived: return state(of: event.id, at: event.timestamp, event.sequence, document).isArchived
        case .escalated: return state(of: event.id, at: event.timestamp, event.sequence, document).isEscalated
        }
    }

    /// The rules that archive alerts, as they are now.
    var rules: [ActiveRule] = []

    /// Whether an event is archived or escalated, by itself or with its group.
    ///
    /// - Parameter sequence: its number in the store; nil for an event of elsewhere, which only its time tells.
    func state(
        of id: String, at timestamp: Int64, _ sequence: Int64?, _ document: JSONNode
    ) -> (isArchived: Bool, isEscalated: Bool) {
        var state: (isArchived: Bool, isEscalated: Bool) =
            decided("SELECT archived_at, escalated_at FROM event_state WHERE event_id = ?", .text(id)) { row in
                (row.integer(at: 0) != nil, row.integer(at: 1) != nil)
            } ?? (false, false)
        guard let key = GroupKey(document) else { return state }
        let group = decided(
            "SELECT \(GroupState.columns) FROM group_state WHERE key = ?", .integer(key.number)
        ) { GroupState($0, from: 0) }
        if let group {
            state.isArchived = state.isArchived || group.archives(at: timestamp, sequence ?? 0)
            state.isEscalated = state.isEscalated || group.escalatedAt != nil
        }
        state.isArchived = state.isArchived || rules.contains { $0.archives(document, at: timestamp) }
        return state
    }

    /// Whether somebody has commented a group.
    func hasComment(onGroup number: Int64) -> Bool {
        decided("SELECT 1 FROM comments WHERE key = ?", .integer(number)) { _ in true } ?? false
    }

    /// The row of what people have decided; nil when there is none, or when it cannot be read.
    private func decided<Row>(_ sql: String, _ value: SQLiteValue, _ row: (SQLiteStatement) -> Row) -> Row? {
        do {
            let statement = try decisions[sql] ?? triage.prepare(sql)
            decisions[sql] = statement
            return try statement.row([value], read: row)
        } catch {
            return nil
        }
    }

    // MARK: - Names

    /// What an address is called: what people call it first, then what its owner says of itself, then what it was seen with
    /// last.
    func name(of address: String) -> String? {
        if let given = givenName(of: address) { return given }
        guard let index = index() else { return nil }
        return try? index.rows(
            "SELECT name FROM names WHERE ip = ? ORDER BY source = 'dhcp' DESC, last DESC LIMIT 1", [.text(address)]
        ) { $0.text(at: 0) ?? "" }.first
    }

    /// What people call an address.
    func givenName(of address: String) -> String? {
        decided("SELECT name FROM host_notes WHERE ip = ? AND name <> ''", .text(address)) { $0.text(at: 0) ?? "" }
    }

    /// The id of an event by its number; nil when the store does not have it any more.
    ///
    /// - Throws: what the store throws.
    func id(of sequence: Int64) throws -> String? {
        var id: String?
        try store()?.visit(sequence...sequence, newestFirst: true) { event in
            id = event.id
            return false
        }
        return id
    }

    /// The id of the event that was stored before or after this one, as lists have them; nil when there is none.
    ///
    /// - Throws: what the store throws.
    func id(nextTo sequence: Int64, isNewer: Bool) throws -> String? {
        var id: String?
        let others = isNewer ? sequence + 1...Int64.max : 0...sequence - 1
        try store()?.visit(others, newestFirst: !isNewer, where: QueryPlan(.all).condition) { event in
            id = event.id
            return false
        }
        return id
    }

    /// Lends a document, parsed.
    func withDocument<Result>(_ event: VisitedEvent, _ body: (JSONNode) throws -> Result) throws -> Result {
        try event.withDocument { try body(try tree.parse($0)) }
    }
}

extension GroupKey {
    /// The group of an alert; nil for other events.
    init?(_ document: JSONNode) {
        let eve = document["suricata"]?["eve"]
        guard let eve, eve["event_type"]?.isEqual(to: "alert") ?? false else { return nil }
        self.init(
            signatureID: eve["alert"]?["signature_id"]?.int64 ?? 0, sourceIP: document["source"]?["ip"]?.string ?? "",
            destinationIP: document["destination"]?["ip"]?.string ?? "",
            sensor: document["observer"]?["name"]?.string ?? "")
    }
}

/// Two readers, so that one slow question does not hold up all others.
final class EventReaders: Sendable {
    private let first: Mutex<EventReader>
    private let second: Mutex<EventReader>
    private let triage: Triage
    private let index: String
    let exports = ExportTurns()

    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    init(_ paths: EventReader.Paths, triage: Triage) throws {
        first = Mutex(try EventReader(paths))
        second = Mutex(try EventReader(paths))
        (self.triage, index) = (triage, paths.index)
    }

    /// Lends a reader; an index that turns out to be broken is removed, and built anew by the indexer.
    func read<Answer: Sendable>(_ body: (EventReader) throws -> Answer) throws -> Answer {
        let rules = triage.active.withLock { $0 }
        do {
            let answer = try first.withLockIfAvailable { reader in
                reader.rules = rules
                return try body(reader)
            }
            if let answer { return answer }
            return try second.withLock { reader in
                reader.rules = rules
                return try body(reader)
            }
        } catch let error as SQLiteError where error.isCorruption && error.isOf(index) {
            EventIndexFile.remove(index)
            throw error
        }
    }
}
