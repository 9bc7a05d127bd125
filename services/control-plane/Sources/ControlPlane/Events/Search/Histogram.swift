import EventStore
import JSON
import Lifecycle
import SQLite

/// How many events there were when.
struct Histogram: Sendable {
    enum Series: String, Sendable, CaseIterable {
        case high, medium, low, other

        init(eventType: String?, severity: Int64?) {
            guard eventType == "alert" else {
                self = .other
                return
            }
            switch severity ?? EventIndexWriter.severityUnknown {
            case ...1: self = .high
            case 2: self = .medium
            default: self = .low
            }
        }
    }

    /// Nanoseconds since the epoch.
    let from: Int64
    let bucketNanoseconds: Int64
    private(set) var counts: [Series: [Int64]]
    var outcome = EventReader.Outcome()

    /// Lengths that people can read off an axis, in seconds.
    private static let lengths: [Int64] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
        604_800, 1_209_600, 2_592_000,
    ]

    /// 1970 to 2100, in nanoseconds since the epoch: no sum of such times is larger than 64 bits.
    private static let times: ClosedRange<Int64> = 0...4_102_444_800_000_000_000

    /// The time that can be counted and is nearest to this one.
    static func nearest(_ time: Int64) -> Int64 { min(max(time, times.lowerBound), times.upperBound) }

    /// - Parameters:
    ///   - from: as `until` one that ``nearest(_:)`` gives.
    ///   - bucketsMax: there are at most so many.
    init(from: Int64, until: Int64, bucketsMax: Int) {
        let seconds = max(1, (until - from) / 1_000_000_000)
        let wanted = seconds / Int64(bucketsMax) + 1
        let length = Self.lengths.first { $0 >= wanted } ?? wanted
        bucketNanoseconds = length * 1_000_000_000
        self.from = from - (from % bucketNanoseconds + bucketNanoseconds) % bucketNanoseconds
        let count = Int((until - self.from + bucketNanoseconds - 1) / bucketNanoseconds)
        counts = Dictionary(
            uniqueKeysWithValues: Series.allCases.map { ($0, [Int64](repeating: 0, count: max(1, count))) })
    }

    var bucketCount: Int { counts[.other]?.count ?? 0 }
    var total: Int64 { counts.values.reduce(0) { $0 + $1.reduce(0, +) } }

    mutating func add(_ count: Int64, _ series: Series, at time: Int64) {
        let bucket = Int((time - from) / bucketNanoseconds)
        guard time >= from, bucket < bucketCount else { return }
        counts[series]?[bucket] += count
    }

    /// Counts the events of a query in a range of time.
    ///
    /// Whole minutes of all events, or of a type, are in the index already; others are counted one by one until the time is
    /// over.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    static func count(
        _ query: Query, from: Int64, until: Int64, bucketsMax: Int, _ reader: EventReader
    ) throws -> Histogram {
        var histogram = Histogram(from: from, until: until, bucketsMax: bucketsMax)
        var indexed: Int64 = 0
        if histogram.bucketNanoseconds % Minute.nanoseconds == 0, let condition = rollupCondition(query),
            let index = reader.index()
        {
            indexed = try index.integer("SELECT seq FROM position") ?? 0
            do {
                try index.limited(by: .milliseconds(EventReader.deadlineMilliseconds)) {
                    for part in histogram.parts(until: until) {
                        let select = try index.prepare(
                            """
                            SELECT \(part.unit), event_type, severity, count FROM \(part.table)
                            WHERE \(part.unit) >= ? AND \(part.unit) < ? \(condition.sql)
                            """)
                        try select.bind([.integer(part.first), .integer(part.end)] + condition.values)
                        while try select.step() {
                            histogram.add(
                                select.integer(at: 3) ?? 0,
                                Series(eventType: select.text(at: 1), severity: select.integer(at: 2)),
                                at: (select.integer(at: 0) ?? 0) * part.nanoseconds)
                        }
                    }
                }
            } catch let error as SQLiteError where error.code == .interrupted {
                histogram.outcome.isComplete = false
                return histogram
            }
        }
        let time = Query.field(
            .timestamp, .time(Bounds(lower: .including(histogram.from), upper: .excluding(until))))
        histogram.outcome = try reader.find(
            .all(of: [query, time]), in: EventReader.Window(after: indexed), readsDocuments: false
        ) { event, _ in
            histogram.add(
                1, Series(eventType: event.eventType, severity: event.severity), at: event.timestamp)
            return true
        }
        return histogram
    }

    private typealias Part = (table: String, unit: String, nanoseconds: Int64, first: Int64, end: Int64)

    /// Where the index has the counts: by hours as far as these fill whole buckets, which are sixty times fewer, else by
    /// minutes.
    private func parts(until: Int64) -> [Part] {
        let hours = bucketNanoseconds % Hour.nanoseconds == 0 ? max(from, until - until % Hour.nanoseconds) : from
        return [
            ("rollup_hours", "hour", Hour.nanoseconds, from / Hour.nanoseconds, hours / Hour.nanoseconds),
            (
                "rollup", "minute", Minute.nanoseconds, hours / Minute.nanoseconds,
                (until + Minute.nanoseconds - 1) / Minute.nanoseconds
            ),
        ]
    }

    /// A condition for the counts of the index that means the same; nil when there is none.
    private static func rollupCondition(_ query: Query) -> (sql: String, values: [SQLiteValue])? {
        switch query {
        case .all: ("", [])
        case .field(let field, .equals(let type)) where field == .type:
            ("AND event_type = ? COLLATE NOCASE", [.text(type)])
        default: nil
        }
    }
}
