import APIDescription
import CivilTime
import EventStore
import HTTPServer
import HTTPTypes
import JSON
import Lifecycle

/// Events, groups, hosts and what people decide about them, as operations of the API.
struct EventsAPI: Sendable {
    let readers: EventReaders
    let triage: Triage
    let indexer: Indexer
    /// nil where there is no OpenSearch.
    let cloud: CloudEvents?
    let audit: AuditLog

    var operations: [Operation] { events + oneEvent + groups + decisions + kept + hosts + noisyRules }

    // MARK: - Parameters

    /// A text that may be empty, as pages send what was left out.
    static func mayBeEmpty(bytesMax: Int) -> ParameterForm<String> {
        ParameterForm(.text(bytesMax: bytesMax)) { $0.utf8.count <= bytesMax ? $0 : nil }
    }

    static let query = Parameter(
        "q", in: .query, mayBeEmpty(bytesMax: QueryParser.bytesMax), default: "",
        "What to look for, in the query language.")
    static let from = Parameter(
        "from", in: .query, optional: .text(bytesMax: 40), "Only events from this time on: 2026-02-01T10:00Z, -24h.")
    static let to = Parameter("to", in: .query, optional: .text(bytesMax: 40), "Only events before this time.")
    static let limit = Parameter("limit", in: .query, .integer(1...200), default: 50, "How many at most.")
    private static let after = Parameter(
        "after", in: .query, optional: .integer(0...(1 << 53)),
        "Only events that were stored before this one: `next` of the page before.")
    private static let since = Parameter(
        "since", in: .query, .integer(0...(1 << 53)), default: 0, "Only events that were stored after this one.")
    private static let buckets = Parameter(
        "buckets", in: .query, .integer(1...400), default: 60, "How many parts there are at most.")
    private static let id = Parameter("id", in: .path, .text(bytesMax: 128), "The id of an event.")
    private static let fieldName = Parameter("field", in: .query, .text(bytesMax: 200), "The name of a field.")
    private static let prefix = Parameter(
        "prefix", in: .query, mayBeEmpty(bytesMax: 200), default: "", "How the values begin.")
    private static let valuesMax = Parameter("limit", in: .query, .integer(1...50), default: 10, "How many at most.")

    private enum ExportFormat: String, CaseIterable, Sendable {
        case json, csv
    }

    private static let format = Parameter(
        "format", in: .query, ParameterForm<ExportFormat>.choice, default: .json,
        "A document of JSON on each line, or a table.")

    /// The query of a call for events of this machine, with its range of time.
    ///
    /// - Throws: a refusal that says what is wrong and where.
    static func query(_ call: Call) throws -> Query {
        let now = WallClock.nanoseconds()
        return try timed(try parse(try call[query], now: now, part: "q"), call, now: now)
    }

    /// The same for events of anywhere.
    static func search(_ call: Call) throws -> (query: Query, place: EventPlace) {
        let now = WallClock.nanoseconds()
        let search = try parseSearch(try call[query], now: now)
        return (try timed(search.query, call, now: now), search.place)
    }

    private static func timed(_ query: Query, _ call: Call, now: Int64) throws -> Query {
        var parts = [query]
        if let from = try call[from] { parts.append(try parse("@from:\"\(plain(from))\"", now: now, part: "from")) }
        if let to = try call[to] { parts.append(try parse("@before:\"\(plain(to))\"", now: now, part: "to")) }
        return .all(of: parts)
    }

    /// Without what would end the quotes around it.
    private static func plain(_ text: String) -> String { text.filter { $0 != "\"" && $0 != "\\" } }

    static func parse(_ text: String, now: Int64, part: String) throws -> Query {
        do throws(QueryError) {
            return try QueryParser.parse(text, now: now)
        } catch {
            throw Problem(.badRequest, part == "q" ? error.description : error.message, part: part).refusal
        }
    }

    /// A query that may be for events of elsewhere.
    static func parseSearch(_ text: String, now: Int64) throws -> QueryParser.Search {
        do throws(QueryError) {
            return try QueryParser.parseSearch(text, now: now)
        } catch {
            throw Problem(.badRequest, error.description, part: "q").refusal
        }
    }

    /// A moment; nil without one.
    static func moment(_ text: String?, part: String) throws -> Int64? {
        guard let text else { return nil }
        guard let time = QueryTime(text, now: WallClock.nanoseconds()) else {
            throw Problem(.badRequest, "\(part) is no time: write 2026-02-01T10:00Z, -24h or now", part: part).refusal
        }
        return time.first
    }

    /// Lends a reader; what is wrong with the files becomes an answer.
    func read<Result: Sendable>(_ body: (EventReader) throws -> Result) throws -> Result {
        do {
            return try readers.read(body)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            // Without paths, which do not concern a browser.
            throw Problem(
                .serviceUnavailable, "the event store cannot be read now: it is busy or broken; trying again may help"
            ).refusal
        }
    }

    // MARK: - Lists

    static let rowSchema = JSONSchema.named(
        "EventRow",
        .object([
            .required("in", .choice(EventPlace.allCases.map(\.rawValue))), .required("seq", .integer()),
            .required("id", .text()), .required("time", .text(format: "date-time")),
            .required("type", .text()), .required("severity", .nullable(.integer())),
            .required("src", .nullable(sideSchema)), .required("dest", .nullable(sideSchema)),
            .required("proto", .nullable(.text())), .required("app", .nullable(.text())),
            .required("sensor", .nullable(.text())),
            .required("signature", .nullable(.object([.required("id", .integer()), .required("text", .text())]))),
            .required("group", .nullable(.text())), .required("flow", .nullable(.text())),
            .required("summary", .text()), .required("archived", .boolean), .required("escalated", .boolean),
        ]))

    private static let sideSchema = JSONSchema.object([
        .required("ip", .text()), .required("port", .nullable(.integer())), .required("name", .nullable(.text())),
    ])

    private var events: [Operation] {
        [
            Operation(
                .get, "/events", id: "listEvents", "Lists events, those stored last first.", access: .role(.viewer),
                parameters: [Self.query, Self.from, Self.to, Self.limit, Self.after, Self.since],
                returns: [
                    .init(
                        .ok, "A page of them.",
                        .json(
                            .object([
                                .required("events", .array(of: Self.rowSchema)),
                                .required("next", .nullable(.integer())), .required("complete", .boolean),
                                .required("searched_to", .nullable(.text(format: "date-time"))),
                            ])))
                ],
                .blocking { call in
                    let (query, place) = try Self.search(call)
                    let limit = try call[Self.limit]
                    let window = EventReader.Window(
                        before: try call[Self.after].map(Int64.init) ?? .max, after: Int64(try call[Self.since]))
                    let list =
                        switch place {
                        case .box: try read { try EventList(query, window, limit: limit, $0) }
                        case .cloud: try cloudList(query, window, limit: limit)
                        }
                    return .json { list.writeMembers(to: &$0) }
                }),
            Operation(
                .get, "/events/query", id: "explainQuery", "Tells what a query means, or what is wrong with it.",
                access: .role(.viewer), parameters: [Self.query],
                returns: [
                    .init(.ok, "Its terms, or its mistake; places count as JavaScript does.", .json(Self.explanation))
                ],
                .atOnce { call in
                    let text = try call[Self.query]
                    return .json { Self.explain(text, to: &$0) }
                }),
            Operation(
                .get, "/events/fields", id: "listFields", "Lists the fields that queries know by a short name.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "The fields, and what may follow `is:`, `has:` and `in:`.",
                        .json(
                            .object([
                                .required(
                                    "fields",
                                    .array(
                                        of: .object([
                                            .required("name", .text()), .required("fields", .array(of: .text())),
                                            .required("kind", .text()), .required("meaning", .text()),
                                        ]))), .required("states", .array(of: .text())),
                                .required("has", .array(of: .text())), .required("in", .array(of: .text())),
                            ])))
                ],
                .atOnce { _ in
                    .json { answer in
                        answer.array("fields") { list in
                            for field in QueryField.named {
                                list.object { object in
                                    object.member("name", field.name)
                                    object.member("fields", field.paths)
                                    object.member("kind", field.kind.rawValue)
                                    object.member("meaning", field.meaning)
                                }
                            }
                        }
                        answer.member("states", QueryParser.states)
                        answer.member("has", ["packet", "comment"])
                        answer.member("in", (cloud == nil ? [.box] : EventPlace.allCases).map(\.rawValue))
                    }
                }),
            Operation(
                .get, "/events/values", id: "listValues", "Lists values of a field that the newest events have.",
                access: .role(.viewer), parameters: [Self.fieldName, Self.prefix, Self.valuesMax],
                returns: [
                    .init(
                        .ok, "The most frequent ones first.",
                        .json(
                            .object([
                                .required(
                                    "values",
                                    .array(of: .object([.required("value", .text()), .required("count", .integer())])))
                            ])))
                ],
                .blocking { call in
                    let name = try call[Self.fieldName]
                    guard let field = try? QueryField.find(name) else {
                        throw Problem(.badRequest, "there is no field \(name)", part: "field").refusal
                    }
                    let (prefix, limit) = (try call[Self.prefix], try call[Self.valuesMax])
                    let values = try read { try FieldValues.newest(of: field, prefix: prefix, $0) }
                    return .json { answer in
                        answer.array("values") { list in
                            for (value, count) in values.prefix(limit) {
                                list.object {
                                    $0.member("value", value); $0.member("count", count)
                                }
                            }
                        }
                    }
                }),
            Operation(
                .get, "/events/histogram", id: "countEvents", "Counts events in equal parts of a range of time.",
                access: .role(.viewer), parameters: [Self.query, Self.from, Self.to, Self.buckets],
                returns: [.init(.ok, "The counts; alerts by severity.", .json(Self.histogramSchema))],
                .blocking { call in
                    let now = WallClock.nanoseconds()
                    let search = try Self.parseSearch(try call[Self.query], now: now)
                    let until = Histogram.nearest(try Self.moment(try call[Self.to], part: "to") ?? now)
                    let from = Histogram.nearest(
                        try Self.moment(try call[Self.from], part: "from") ?? until - 24 * Hour.nanoseconds)
                    guard from < until else {
                        throw Problem(.badRequest, "from must be before to", part: "from").refusal
                    }
                    let buckets = try call[Self.buckets]
                    let histogram =
                        switch search.place {
                        case .box:
                            try read {
                                try Histogram.count(search.query, from: from, until: until, bucketsMax: buckets, $0)
                            }
                        case .cloud:
                            try ask { cloud in
                                var histogram = Histogram(from: from, until: until, bucketsMax: buckets)
                                try cloud.count(search.query, into: &histogram, until: until)
                                return histogram
                            }
                        }
                    return .json { Self.write(histogram, until: until, to: &$0) }
                }),
            Operation(
                .get, "/events/export", id: "exportEvents",
                "Exports events, those stored last first, up to \(EventExport.eventsMax); one export at a time.",
                access: .role(.viewer),
                parameters: [Self.query, Self.from, Self.to, Self.format],
                returns: [.init(.ok, "A file.", .bytes(contentType: "application/octet-stream"))], errors: [.conflict],
                .blocking { call in
                    let isTable = try call[Self.format] == .csv
                    let query = try Self.query(call)
                    guard let turn = readers.exports.take() else {
                        throw Problem(.conflict, "another export is running: try again when it has ended").refusal
                    }
                    let export = EventExport(query: query, isTable: isTable, readers: readers, turn: turn)
                    let fields: HTTPFields = [
                        "content-type": "application/octet-stream",
                        "content-disposition": "attachment; filename=\"events.\(isTable ? "csv" : "ndjson")\"",
                    ]
                    return .streamed(HTTPResponseHead(.ok, fields), byteCount: nil, export)
                }),
        ]
    }

    private static let explanation = JSONSchema.object([
        .required("valid", .boolean), .required("in", .choice(EventPlace.allCases.map(\.rawValue))),
        .required(
            "error",
            .nullable(
                .object([
                    .required("from", .integer()), .required("to", .integer()), .required("message", .text()),
                    .required("proposal", .nullable(.text())),
                ]))),
        .required(
            "terms",
            .array(
                of: .object([
                    .required("text", .text()), .required("from", .integer()), .required("to", .integer()),
                    .required("negated", .boolean),
                ]))),
    ])

    private static func explain(_ text: String, to answer: inout JSONWriter) {
        let bytes = Array(text.utf8)
        func place(_ byte: Int) -> Int { String(decoding: bytes[..<min(byte, bytes.count)], as: UTF8.self).utf16.count }
        var search: QueryParser.Search?
        var fault: QueryError?
        do throws(QueryError) {
            search = try QueryParser.parseSearch(text, now: WallClock.nanoseconds())
        } catch {
            fault = error
        }
        answer.member("valid", fault == nil)
        answer.member("in", (search?.place ?? .box).rawValue)
        if let fault {
            answer.object("error") { object in
                object.member("from", place(fault.range.lowerBound))
                object.member("to", place(fault.range.upperBound))
                object.member("message", fault.message)
                object.member("proposal", fault.proposal)
            }
        } else {
            answer.member("error", String?.none)
        }
        answer.array("terms") { list in
            for term in search?.terms ?? [] {
                list.object { object in
                    object.member("text", String(decoding: bytes[term.range], as: UTF8.self))
                    object.member("from", place(term.range.lowerBound))
                    object.member("to", place(term.range.upperBound))
                    object.member("negated", term.isNegated)
                }
            }
        }
    }

    private static let histogramSchema = JSONSchema.object([
        .required("from", .text(format: "date-time")), .required("to", .text(format: "date-time")),
        .required("bucket_seconds", .integer()), .required("times", .array(of: .integer())),
        .required("series", .dictionary(of: .array(of: .integer()))), .required("total", .integer()),
        .required("complete", .boolean), .required("searched_to", .nullable(.text(format: "date-time"))),
    ])

    private static func write(_ histogram: Histogram, until: Int64, to answer: inout JSONWriter) {
        answer.member("from", UTCTimestamp(histogram.from).description)
        answer.member("to", UTCTimestamp(until).description)
        answer.member("bucket_seconds", histogram.bucketNanoseconds / 1_000_000_000)
        answer.member(
            "times",
            (0..<histogram.bucketCount).map {
                (histogram.from + Int64($0) * histogram.bucketNanoseconds) / 1_000_000_000
            })
        answer.object("series") { object in
            for series in Histogram.Series.allCases { object.member(series.rawValue, histogram.counts[series] ?? []) }
        }
        answer.member("total", histogram.total)
        answer.member("complete", histogram.outcome.isComplete)
        answer.member(
            "searched_to",
            histogram.outcome.isComplete ? nil : histogram.outcome.lastTime.map { UTCTimestamp($0).description })
    }

    // MARK: - One event

    private var oneEvent: [Operation] {
        [
            Operation(
                .get, "/events/{id}", id: "getEvent", "Shows all about one event.", access: .role(.viewer),
                parameters: [Self.id, Self.place], returns: [.init(.ok, "The event.", .json(Self.eventSchema))],
                errors: [.notFound],
                .blocking { call in
                    let page = try eventPage(call)
                    let comments = try triage.comments(on: .event(try call[Self.id]))
                    let history = try page.group.map { try triage.history(of: $0) } ?? []
                    let group = try page.group.flatMap { try groups(of: [$0]).first }
                    return .json { answer in
                        page.writeMembers(to: &answer)
                        answer.array("comments") { list in for comment in comments { Self.write(comment, to: &list) } }
                        answer.array("history") { list in for entry in history { Self.write(entry, to: &list) } }
                        answer.name("group")
                        if let group { answer.json(group) } else { answer.value(String?.none) }
                    }
                }),
            Operation(
                .get, "/events/{id}/pcap", id: "getPacket", "Gives the packet of an event as a capture file.",
                access: .role(.viewer), parameters: [Self.id, Self.place],
                returns: [.init(.ok, "A file for Wireshark.", .bytes(contentType: "application/vnd.tcpdump.pcap"))],
                errors: [.notFound],
                .blocking { call in
                    guard let file = try eventPage(call).packetFile else {
                        throw Problem(.notFound, "no packet was kept with this event").refusal
                    }
                    let fields: HTTPFields = [
                        "content-type": "application/vnd.tcpdump.pcap",
                        "content-disposition": "attachment; filename=\"packet.pcap\"",
                    ]
                    return .whole(ServerResponse(.ok, fields: fields, body: file))
                }),
        ]
    }

    private func eventPage(_ call: Call) throws -> EventPage {
        let id = try call[Self.id]
        let place = try call[Self.place]
        let page =
            switch place {
            case .box: try read { try EventPage.stored(id, $0) }
            case .cloud: try cloudPage(id)
            }
        guard let page else {
            let name = place == .cloud ? "OpenSearch" : "the store of this machine"
            throw Problem(.notFound, "\(name) has no such event, or no longer").refusal
        }
        return page
    }

    private static let bytesSchema = JSONSchema.nullable(
        .object([.required("base64", .text()), .optional("link_type", .integer())]))

    private static let eventSchema = JSONSchema.object([
        .required("event", rowSchema), .required("document", .object([], isOpen: true)),
        .required(
            "rule",
            .nullable(
                .object([
                    .required("id", .integer()), .required("name", .text()),
                    .required("category", .nullable(.text())), .required("severity", .nullable(.integer())),
                    .required("action", .nullable(.text())), .required("text", .nullable(.text())),
                    .required("references", .array(of: .text())), .required("metadata", .any),
                ]))),
        .required("flow", .array(of: rowSchema)), .required("packet", bytesSchema), .required("payload", bytesSchema),
        .required("older", .nullable(.text())), .required("newer", .nullable(.text())),
        .required("comments", .array(of: commentSchema)), .required("history", .array(of: historySchema)),
        .required("group", .nullable(groupSchema)),
    ])
}
