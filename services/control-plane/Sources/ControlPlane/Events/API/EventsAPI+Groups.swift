import APIDescription
import CivilTime
import HTTPServer
import HTTPTypes
import JSON
import Lifecycle

extension EventsAPI {
    private static let keysMax = 1_000

    private static let state = Parameter(
        "state", in: .query, ParameterForm<GroupList.State>.choice, default: .open, "Which groups.")
    private static let sort = Parameter(
        "sort", in: .query, ParameterForm<GroupList.Sort>.choice, default: .severity,
        "`severity` is the worst first and of those the newest, `newest` the newest first, `count` those with most alerts."
    )
    private static let afterGroup = Parameter(
        "after", in: .query,
        ParameterForm<GroupList.Place?>(.text(bytesMax: 80)) { text in
            GroupList.Place(text).map(Optional.some)
        }, default: nil, "`next` of the page before.")
    static let key = Parameter(
        "key", in: .path, ParameterForm<Int64>(.text(bytesMax: 16)) { GroupKey.number($0) }, "The key of a group.")

    private static let hostSchema = JSONSchema.object([.required("ip", .text()), .required("name", .nullable(.text()))])

    static let groupSchema = JSONSchema.named(
        "Group",
        .object([
            .required("key", .text()),
            .required("signature", .object([.required("id", .integer()), .required("text", .text())])),
            .required("severity", .integer()), .required("src", hostSchema), .required("dest", hostSchema),
            .required("sensor", .text()), .required("first", .text(format: "date-time")),
            .required("last", .text(format: "date-time")), .required("count", .integer()),
            .required("new", .integer()), .required("hours", .array(of: .integer())),
            .required("state", .choice(["open", "archived"])),
            .required("escalated", .nullable(.text(format: "date-time"))), .required("assignee", .nullable(.text())),
            .required(
                "archived",
                .nullable(
                    .object([
                        .required("through", .text(format: "date-time")), .required("by", .nullable(.text())),
                        .required("at", .nullable(.text(format: "date-time"))),
                    ]))), .required("comments", .integer()), .required("newest_event", .nullable(.text())),
        ]))

    static let historySchema = JSONSchema.object([
        .required("time", .text(format: "date-time")), .required("user", .text()), .required("action", .text()),
    ])

    static func write(_ entry: Triage.HistoryEntry, to list: inout JSONWriter) {
        list.object { object in
            object.member("time", UTCTimestamp(entry.time).description)
            object.member("user", entry.user)
            object.member("action", entry.action)
        }
    }

    var groups: [Operation] {
        [
            Operation(
                .get, "/groups", id: "listGroups", "Lists groups of alerts: same rule, source and destination.",
                access: .role(.viewer),
                parameters: [Self.state, Self.query, Self.sort, Self.limit, Self.afterGroup],
                returns: [
                    .init(
                        .ok, "A page of them, and how many are open or escalated in all.",
                        .json(
                            .object([
                                .required("groups", .array(of: Self.groupSchema)),
                                .required("next", .nullable(.text())),
                                .required("complete", .boolean),
                                .required(
                                    "counts",
                                    .object([
                                        .required(
                                            "open",
                                            .object([
                                                .required("high", .integer()), .required("medium", .integer()),
                                                .required("low", .integer()),
                                            ])), .required("escalated", .integer()),
                                    ])),
                            ])))
                ],
                .blocking { call in
                    let query = try Self.parse(try call[Self.query], now: WallClock.nanoseconds(), part: "q")
                    let (state, sort, limit) = (try call[Self.state], try call[Self.sort], try call[Self.limit])
                    let after = try call[Self.afterGroup]
                    var page = GroupList.Page()
                    var counts: [Histogram.Series: Int64] = [:]
                    var escalated: Int64 = 0
                    (page, counts, escalated) = try read { reader in
                        guard let index = reader.index() else { return (GroupList.Page(), [:], 0) }
                        let list = GroupList(index: index)
                        var counts: [Histogram.Series: Int64] = [:]
                        for (severity, count) in try list.openCounts() {
                            counts[Histogram.Series(eventType: "alert", severity: severity), default: 0] += count
                        }
                        let page = try list.page(state, query, sort, limit: limit, after: after, reader)
                        return (page, counts, try list.escalatedCount())
                    }
                    let groups = try json(of: page.groups)
                    return .json { answer in
                        answer.array("groups") { list in for group in groups { list.json(group) } }
                        answer.member("next", page.next?.text)
                        answer.member("complete", page.isComplete)
                        answer.object("counts") { object in
                            object.object("open") { open in
                                for series in [Histogram.Series.high, .medium, .low] {
                                    open.member(series.rawValue, counts[series] ?? 0)
                                }
                            }
                            object.member("escalated", escalated)
                        }
                    }
                }),
            Operation(
                .get, "/groups/{key}", id: "getGroup", "Shows a group with its newest alerts.", access: .role(.viewer),
                parameters: [Self.key],
                returns: [
                    .init(
                        .ok, "The group.",
                        .json(
                            .object([
                                .required("group", Self.groupSchema),
                                .required("comments", .array(of: Self.commentSchema)),
                                .required("history", .array(of: Self.historySchema)),
                                .required("events", .array(of: Self.rowSchema)),
                            ])))
                ], errors: [.notFound],
                .blocking { call in
                    let number = try call[Self.key]
                    let found = try read { reader in
                        try reader.index().map { try GroupList(index: $0).groups([number]) }
                    }
                    guard let group = found?.first, let json = try json(of: [group]).first else {
                        throw Problem(.notFound, "there is no such group, or no longer").refusal
                    }
                    let comments = try triage.comments(on: .group(number))
                    let history = try triage.history(of: number)
                    let rows = try read { reader in
                        var rows: [[UInt8]] = []
                        _ = try reader.find(group.key.query) { event, document in
                            guard let document else { return true }
                            rows.append(EventRow(event: event, document: document, reader: reader).json)
                            return rows.count < 50
                        }
                        return rows
                    }
                    return .json { answer in
                        answer.name("group")
                        answer.json(json)
                        answer.array("comments") { list in for comment in comments { Self.write(comment, to: &list) } }
                        answer.array("history") { list in for entry in history { Self.write(entry, to: &list) } }
                        answer.array("events") { list in for row in rows { list.json(row) } }
                    }
                }),
        ]
    }

    /// Groups as JSON, in the order of their numbers; those that there are not are left out.
    func groups(of numbers: [Int64]) throws -> [[UInt8]] {
        let groups = try read { reader in try reader.index().map { try GroupList(index: $0).groups(numbers) } ?? [] }
        return try json(of: groups)
    }

    private func json(of groups: [AlertGroup]) throws -> [[UInt8]] {
        let now = WallClock.nanoseconds()
        let numbers = groups.map(\.number)
        let states = try triage.states(of: numbers)
        let comments = try triage.commentCounts(of: numbers)
        return try read { reader in
            guard let index = reader.index() else { return [] }
            let list = GroupList(index: index)
            return try groups.map { group in
                let hours = try list.hours(of: group.number, until: now)
                let newest = try reader.id(of: group.newestSequence)
                let state = states[group.number] ?? GroupState()
                return JSONWriter.object { object in
                    object.member("key", GroupKey.text(group.number))
                    object.object("signature") {
                        $0.member("id", group.key.signatureID); $0.member("text", group.signature)
                    }
                    object.member("severity", group.severity)
                    for (name, ip) in [("src", group.key.sourceIP), ("dest", group.key.destinationIP)] {
                        object.object(name) {
                            $0.member("ip", ip); $0.member("name", reader.name(of: ip))
                        }
                    }
                    object.member("sensor", group.key.sensor)
                    object.member("first", UTCTimestamp(group.first).description)
                    object.member("last", UTCTimestamp(group.last).description)
                    object.member("count", group.total)
                    object.member("new", max(0, group.total - group.archivedTotal))
                    object.member("hours", hours)
                    object.member("state", group.isOpen ? "open" : "archived")
                    object.member("escalated", state.escalatedAt.map { UTCTimestamp($0).description })
                    object.member("assignee", state.assignee)
                    if state.archivedThrough > 0 {
                        object.object("archived") { archived in
                            archived.member("through", UTCTimestamp(state.archivedThrough).description)
                            archived.member("by", state.archivedBy)
                            archived.member("at", state.archivedAt.map { UTCTimestamp($0).description })
                        }
                    } else {
                        object.member("archived", String?.none)
                    }
                    object.member("comments", comments[group.number] ?? 0)
                    object.member("newest_event", newest)
                }
            }
        }
    }

    // MARK: - Decisions

    private static let undo = JSONSchema.object([
        .required("changed", .integer()), .required("undo", .nullable(.text())), .required("complete", .boolean),
    ])
    /// Groups that a query changes in one request.
    private static let foundMax = 10_000
    private static let changed = JSONSchema.object([.required("changed", .integer())])
    private static let decisionBytesMax = 1 << 16

    var decisions: [Operation] {
        [
            Operation(
                .post, "/groups/actions", id: "actOnGroups",
                "Archives, escalates or assigns groups, all or none: those of `keys`, or up to \(Self.foundMax) of a state "
                    + "that `q` finds; alerts after `through` open a group again.",
                access: .role(.analyst),
                body: .json(
                    .object([
                        .optional("keys", .array(of: .text(bytesMax: 16), countMax: Self.keysMax)),
                        .optional("q", .text(bytesMax: QueryParser.bytesMax)),
                        .optional("state", .choice(GroupList.State.allCases.map(\.rawValue))),
                        .required("action", .choice(Triage.GroupAction.allCases.map(\.rawValue))),
                        .optional("through", .text(bytesMax: 40)),
                        .optional("assignee", .nullable(.text(bytesMax: 64))),
                        .optional("comment", .text(bytesMax: Self.commentBytesMax)),
                    ]), bytesMax: Self.decisionBytesMax),
                returns: [
                    .init(
                        .ok,
                        "How many were changed, what undoes it within the hour, and whether all that were found are.",
                        .json(Self.undo))
                ],
                .blocking { call in
                    let (keys, query, state, action, through, assignee, comment) = try call.body { body in
                        (
                            body["keys"].map { $0.elements.compactMap(\.string) }, body["q"]?.string,
                            body["state"]?.string.flatMap(GroupList.State.init) ?? .open,
                            body["action"]?.string.flatMap(Triage.GroupAction.init) ?? .archive,
                            body["through"]?.string,
                            body["assignee"]?.string, body["comment"]?.string
                        )
                    }
                    let time = try Self.moment(through, part: "/through") ?? WallClock.nanoseconds()
                    let (groups, isComplete) = try self.groups(keys, query, state)
                    let outcome = try triage.act(
                        action, on: groups, through: time, assignee: assignee,
                        comment: comment.flatMap { $0.isEmpty ? nil : $0 }, by: call.caller?.name ?? "")
                    indexer.takeOverTriage()
                    return .json { answer in
                        answer.member("changed", outcome?.changed ?? 0)
                        answer.member("undo", outcome?.undo)
                        answer.member("complete", isComplete)
                    }
                }),
            Operation(
                .post, "/groups/actions/undo", id: "undoActionOnGroups",
                "Undoes an action of the last hour, where nobody has changed a group since.",
                access: .role(.analyst),
                body: .json(.object([.required("undo", .text(bytesMax: 64))]), bytesMax: Self.decisionBytesMax),
                returns: [.init(.ok, "How many groups are as before.", .json(Self.changed))],
                .blocking { call in
                    let batch = try call.body { $0["undo"]?.string ?? "" }
                    let changed = try triage.undo(batch, by: call.caller?.name ?? "")
                    indexer.takeOverTriage()
                    return .json { $0.member("changed", changed) }
                }),
            Operation(
                .post, "/events/actions", id: "actOnEvents", "Archives or escalates single events, all or none.",
                access: .role(.analyst),
                body: .json(
                    .object([
                        .required("ids", .array(of: .text(bytesMax: 128), countMax: Self.keysMax)),
                        .required("action", .choice(Triage.EventAction.allCases.map(\.rawValue))),
                    ]), bytesMax: 1 << 18),
                returns: [.init(.ok, "How many events are so now.", .json(Self.changed))],
                .blocking { call in
                    let (ids, action) = try call.body { body in
                        (
                            body["ids"]?.elements.compactMap(\.string) ?? [],
                            body["action"]?.string.flatMap(Triage.EventAction.init) ?? .archive
                        )
                    }
                    let known = try read { reader in try ids.filter { try reader.event(id: $0) != nil } }
                    try triage.act(action, on: known)
                    return .json { $0.member("changed", known.count) }
                }),
        ]
    }
}

extension EventsAPI {
    /// The groups that a request means, and whether these are all of them.
    private func groups(
        _ keys: [String]?, _ text: String?, _ state: GroupList.State
    ) throws -> ([AlertGroup], isComplete: Bool) {
        switch (keys, text) {
        case (let keys?, nil):
            let numbers = keys.compactMap(GroupKey.number)
            guard numbers.count == keys.count else {
                throw Problem(.unprocessableContent, "/keys must be keys of groups", part: "/keys").refusal
            }
            return try read { reader in
                (try reader.index().map { try GroupList(index: $0).groups(numbers) } ?? [], true)
            }
        case (nil, let text?):
            let query = try Self.parse(text, now: WallClock.nanoseconds(), part: "q")
            return try read { reader in
                guard let index = reader.index() else { return ([], true) }
                let page = try GroupList(index: index).page(
                    state, query, .newest, limit: Self.foundMax, after: nil, reader)
                return (page.groups, page.next == nil && page.isComplete)
            }
        default:
            throw Problem(.unprocessableContent, "either /keys or /q says which groups", part: "/keys").refusal
        }
    }
}

extension GroupKey {
    /// The alerts of the group.
    var query: Query {
        func side(_ path: String, _ text: String) -> Query {
            let field = path == "src" ? QueryField.source : QueryField.destination
            return QueryNetwork(text).map { .field(field, .network($0)) } ?? .not(.field(field, .exists))
        }
        return .and([
            .field(.type, .equals("alert")), .field(.signatureID, .number(.only(Double(signatureID)))),
            side("src", sourceIP), side("dst", destinationIP),
            sensor.isEmpty ? .not(.field(.sensor, .exists)) : .field(.sensor, .equals(sensor)),
        ])
    }
}
