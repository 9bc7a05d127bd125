import EventContract
import JSON
import Logging
import OpenSearch
import Settings
import Synchronization

/// The events in OpenSearch, as lists, counts and one by one.
///
/// Lists are in the order of time, in milliseconds, as OpenSearch keeps it. A page ends between two of them: no event is
/// shown twice or left out, whatever comes in between, and nothing has to be kept from page to page.
final class CloudEvents: Sendable {
    /// Questions at the same time; each holds a thread of the server.
    static let questionsMax = 4
    /// Of one millisecond are shown so many events at most.
    private static let eventsOfMillisecondMax = 1_000
    private static let flowEventsMax = 100
    /// What lists do not show, and would make answers long.
    private static let longMembers = [
        "event.original", "suricata.eve.packet", "suricata.eve.payload", "suricata.eve.payload_printable",
        "suricata.eve.http.http_response_body*", "suricata.eve.http.http_request_body*",
    ]

    private final class Turn: Sendable {
        let connection: Mutex<CloudConnection>

        init(_ settings: OpenSearchSettings, userAgent: String) {
            connection = Mutex(CloudConnection(settings, userAgent: userAgent))
        }
    }

    private let turns: [Turn]
    private let logger: Logger
    private let trouble = Mutex<String?>(nil)

    /// nil where nobody has said that there is an OpenSearch.
    init?(_ settings: OpenSearchSettings, version: String, logger: Logger) {
        guard settings.$endpoint.origin.isSet || settings.endpointFile != nil else { return nil }
        self.logger = logger
        turns = (0..<Self.questionsMax).map { _ in Turn(settings, userAgent: "control-plane/\(version)") }
    }

    /// A part of a list, newest first.
    struct Page: Sendable {
        let answer: CloudAnswer
        /// Events from this millisecond on are on it.
        let first: Int64
        /// nil at the end of the list.
        let next: Int64?
    }

    /// The newest events of a query.
    ///
    /// - Parameters:
    ///   - before: only events before this millisecond since the epoch.
    ///   - after: only events after this one.
    ///   - limit: how many at most, but for those of the last millisecond.
    /// - Throws: ``CloudError``, `OpenSearchQuery.Unanswerable`.
    func page(_ query: Query, before: Int64, after: Int64, limit: Int) throws -> Page {
        let dsl = try Self.dsl(query)
        func ask(_ before: Int64, _ after: Int64, _ size: Int) throws -> CloudAnswer {
            try self.answer { search in
                search.member("size", size)
                Self.writeSource(isWhole: false, to: &search)
                Self.writeSort("desc", to: &search)
                search.object("query") { query in
                    Self.writeAll([dsl, Self.time(after: after, before: before)], to: &query)
                }
            }
        }
        let answer = try ask(before, after, limit + 1)
        let times = answer.milliseconds
        guard times.count > limit, let last = times.last else {
            return Page(answer: answer, first: .min, next: nil)
        }
        // Without those of the last millisecond, of which more may follow, unless too little would be left.
        if times.count(where: { $0 > last }) * 2 >= limit {
            return Page(answer: answer, first: last + 1, next: last + 1)
        }
        let whole = try ask(before, last - 1, limit + Self.eventsOfMillisecondMax)
        return Page(answer: whole, first: last, next: last)
    }

    /// Adds the events of a query to a histogram.
    ///
    /// - Parameter until: nanoseconds since the epoch.
    /// - Throws: ``CloudError``, `OpenSearchQuery.Unanswerable`.
    func count(_ query: Query, into histogram: inout Histogram, until: Int64) throws {
        let dsl = try Self.dsl(query)
        let alert = Query.field(.type, .equals("alert"))
        let parts: [(Histogram.Series, [UInt8])] = try [
            (.high, Bounds(upper: .including(1.0))), (.medium, .only(2.0)), (.low, Bounds()),
        ].map { series, severity in
            let isOfSeverity = severity == Bounds() ? .all : Query.field(.severity, .number(severity))
            return (series, try OpenSearchQuery(.all(of: [alert, isOfSeverity])).json)
        }
        let time = Self.time(after: histogram.from / 1_000_000 - 1, before: (until + 999_999) / 1_000_000)
        let answer = try answer { search in
            search.member("size", 0)
            search.object("query") { query in Self.writeAll([dsl, time], to: &query) }
            search.object("aggs") { aggregations in
                aggregations.object("time") { bars in
                    bars.object("date_histogram") { bars in
                        bars.member("field", "@timestamp")
                        bars.member("fixed_interval", "\(histogram.bucketNanoseconds / 1_000_000_000)s")
                        bars.member("min_doc_count", 1)
                    }
                    bars.object("aggs") { counts in
                        for (series, condition) in parts {
                            counts.object(series.rawValue) { count in
                                count.name("filter")
                                count.json(condition)
                            }
                        }
                    }
                }
            }
        }
        answer.read { root in
            for bar in root["aggregations"]?["time"]?["buckets"]?.elements ?? root.elements {
                guard let milliseconds = bar["key"]?.int64, milliseconds < .max / 1_000_000 else { continue }
                func count(_ name: StaticString) -> Int64 { bar[name]?["doc_count"]?.int64 ?? 0 }
                let (high, medium, alerts) = (count("high"), count("medium"), count("low"))
                let all = bar["doc_count"]?.int64 ?? 0
                let counts: [(Int64, Histogram.Series)] = [
                    (high, .high), (medium, .medium), (alerts - high - medium, .low), (all - alerts, .other),
                ]
                for (count, series) in counts { histogram.add(count, series, at: milliseconds * 1_000_000) }
            }
        }
    }

    /// One event, whole; an answer without one when there is none.
    ///
    /// - Throws: ``CloudError``.
    func event(id: String) throws -> CloudAnswer {
        try answer { search in
            search.member("size", 1)
            Self.writeSource(isWhole: true, to: &search)
            Self.writeSort("desc", to: &search)
            search.object("query") { $0.object("ids") { $0.member("values", [id]) } }
        }
    }

    /// The events of a flow, the oldest first.
    ///
    /// - Throws: ``CloudError``.
    func flow(_ id: String) throws -> CloudAnswer {
        let dsl = try OpenSearchQuery(.field(.flow, .equals(id))).json
        return try answer { search in
            search.member("size", Self.flowEventsMax)
            Self.writeSource(isWhole: false, to: &search)
            Self.writeSort("asc", to: &search)
            search.name("query")
            search.json(dsl)
        }
    }

    // MARK: - Questions

    /// Our own canaries are in no list.
    private static func dsl(_ query: Query) throws(OpenSearchQuery.Unanswerable) -> [UInt8] {
        try OpenSearchQuery(.all(of: [query, .not(.field(.type, .equals(Canary.eventType)))])).json
    }

    private func answer(_ members: (inout JSONWriter) -> Void) throws(CloudError) -> CloudAnswer {
        let search = JSONWriter.object { search in
            search.member("timeout", "\(CloudConnection.searchSeconds)s")
            search.member("track_total_hits", false)
            members(&search)
        }
        for turn in turns {
            do throws(CloudError) {
                let bytes = try turn.connection.withLockIfAvailable { connection throws(CloudError) in
                    try connection.answer(to: search)
                }
                guard let bytes else { continue }
                note(nil)
                return CloudAnswer(bytes: bytes)
            } catch {
                note(error.detail)
                throw error
            }
        }
        throw CloudError("Others search the cloud just now; try again in a moment.")
    }

    /// The log has one line for each change.
    private func note(_ new: String?) {
        let isNew = trouble.withLock { old in
            defer { old = new }
            return old != new
        }
        guard isNew else { return }
        if let new {
            logger.warning("OpenSearch has not answered a search", ["reason": new])
        } else {
            logger.info("OpenSearch answers searches")
        }
    }

    private static func writeAll(_ conditions: [[UInt8]], to query: inout JSONWriter) {
        query.object("bool") { bool in
            bool.array("filter") { list in for condition in conditions { list.json(condition) } }
        }
    }

    private static func time(after: Int64, before: Int64) -> [UInt8] {
        JSONWriter.object { query in
            query.object("range") { range in
                range.object("@timestamp") { edges in
                    edges.member("gt", after)
                    edges.member("lt", before)
                    edges.member("format", "epoch_millis")
                }
            }
        }
    }

    private static func writeSource(isWhole: Bool, to search: inout JSONWriter) {
        if !isWhole { search.object("_source") { $0.member("excludes", longMembers) } }
    }

    private static func writeSort(_ order: String, to search: inout JSONWriter) {
        search.array("sort") { sort in
            sort.object { sort in
                sort.object("@timestamp") { options in
                    options.member("order", order)
                    options.member("unmapped_type", "date")
                }
            }
        }
    }
}
