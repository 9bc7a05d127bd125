import APIDescription
import CivilTime
import HTTPServer
import HTTPTypes
import JSON
import Lifecycle
import SQLite

/// Comments, filters and rules.
extension EventsAPI {
    static let commentBytesMax = 4_000

    static let commentSchema = JSONSchema.named(
        "Comment",
        .object([
            .required("id", .integer()), .required("time", .text(format: "date-time")), .required("user", .text()),
            .required("text", .text()),
        ]))

    static func write(_ comment: Triage.Comment, to list: inout JSONWriter) {
        list.object { object in
            object.member("id", comment.id)
            object.member("time", UTCTimestamp(comment.time).description)
            object.member("user", comment.user)
            object.member("text", comment.text)
        }
    }

    private static let eventID = Parameter("id", in: .path, .text(bytesMax: 128), "The id of an event.")
    private static let commentID = Parameter("id", in: .path, .integer(1...(1 << 53)), "The number of a comment.")
    private static let keptID = Parameter(
        "id", in: .path,
        ParameterForm<String>(.text(bytesMax: 64)) { text in
            let isName = text.utf8.allSatisfy { byte in
                byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
            return !text.isEmpty && text.utf8.count <= 64 && isName ? text : nil
        }, "An id that the client chooses: letters, digits, - and _.")

    var kept: [Operation] {
        comments("/events/{id}/comments", "Event", [Self.eventID]) { .event(try $0[Self.eventID]) }
            + comments("/groups/{key}/comments", "Group", [Self.key]) { .group(try $0[Self.key]) }
            + [
                Operation(
                    .delete, "/comments/{id}", id: "deleteComment", "Deletes a comment: one's own, or as an admin any.",
                    access: .role(.analyst), parameters: [Self.commentID],
                    returns: [.init(.noContent, "It is gone.")], errors: [.notFound],
                    .blocking { call in
                        let user = call.caller.flatMap { $0.role == .admin ? nil : $0.name }
                        let id = Int64(try call[Self.commentID])
                        let isRemoved = try triage.removeComment(id, of: user) { author, text, transaction in
                            guard author != call.caller?.name else { return }
                            try audit.record(
                                "remove comment", "\(id) of \(author)", before: text, after: nil, by: call,
                                in: transaction)
                        }
                        guard isRemoved else {
                            throw Problem(.notFound, "you have no such comment").refusal
                        }
                        return .whole(ServerResponse(.noContent))
                    })
            ] + filters + rules
    }

    private func comments(
        _ path: String, _ name: String, _ parameters: [any DeclaredParameter],
        _ subject: @escaping @Sendable (Call) throws -> Triage.Subject
    ) -> [Operation] {
        [
            Operation(
                .get, path, id: "list\(name)Comments", "Lists comments, the oldest first.", access: .role(.viewer),
                parameters: parameters,
                returns: [
                    .init(.ok, "The comments.", .json(.object([.required("comments", .array(of: Self.commentSchema))])))
                ],
                .blocking { call in
                    let comments = try triage.comments(on: try subject(call))
                    return .json { answer in
                        answer.array("comments") { list in for comment in comments { Self.write(comment, to: &list) } }
                    }
                }),
            Operation(
                .post, path, id: "add\(name)Comment", "Adds a comment.", access: .role(.analyst),
                parameters: parameters,
                body: .json(.object([.required("text", .text(bytesMax: Self.commentBytesMax))]), bytesMax: 1 << 15),
                returns: [.init(.created, "The comment.", .json(Self.commentSchema))],
                .blocking { call in
                    let text = try call.body { $0["text"]?.string ?? "" }
                    guard text.contains(where: { !$0.isWhitespace }) else {
                        throw Problem(.unprocessableContent, "/text must say something", part: "/text").refusal
                    }
                    let comment = try triage.add(text, to: try subject(call), by: call.caller?.name ?? "")
                    var writer = JSONWriter()
                    Self.write(comment, to: &writer)
                    return .whole(
                        ServerResponse(.created, fields: ["content-type": "application/json"], body: writer.bytes))
                }),
        ]
    }

    private var filters: [Operation] {
        [
            Operation(
                .get, "/filters", id: "listFilters", "Lists saved queries by name.", access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "The filters.",
                        .json(
                            .object([
                                .required(
                                    "filters",
                                    .array(
                                        of: .object([
                                            .required("id", .text()), .required("name", .text()),
                                            .required("q", .text()),
                                            .required("by", .text()), .required("time", .text(format: "date-time")),
                                        ])))
                            ])))
                ],
                .blocking { _ in
                    let filters = try triage.filters()
                    return .json { answer in
                        answer.array("filters") { list in
                            for filter in filters {
                                list.object { object in
                                    object.member("id", filter.id)
                                    object.member("name", filter.name)
                                    object.member("q", filter.query)
                                    object.member("by", filter.user)
                                    object.member("time", UTCTimestamp(filter.time).description)
                                }
                            }
                        }
                    }
                }),
            Operation(
                .put, "/filters/{id}", id: "putFilter", "Saves a query under a name.", access: .role(.analyst),
                parameters: [Self.keptID],
                body: .json(
                    .object([
                        .required("name", .text(bytesMax: 200)), .required("q", .text(bytesMax: QueryParser.bytesMax)),
                    ]),
                    bytesMax: 1 << 14), returns: [.init(.noContent, "It is saved.")], errors: [.conflict],
                .blocking { call in
                    let (name, query) = try call.body { ($0["name"]?.string ?? "", $0["q"]?.string ?? "") }
                    let now = WallClock.nanoseconds()
                    _ = try Self.parse(query, now: now, part: "q")
                    let filter = Triage.Filter(
                        id: try call[Self.keptID], name: name, query: query, user: call.caller?.name ?? "", time: now)
                    guard try triage.put(filter) else {
                        throw Problem(.conflict, "there are \(Triage.filtersMax) filters already").refusal
                    }
                    return .whole(ServerResponse(.noContent))
                }),
            Operation(
                .delete, "/filters/{id}", id: "deleteFilter", "Deletes a saved query.", access: .role(.analyst),
                parameters: [Self.keptID], returns: [.init(.noContent, "It is gone.")], errors: [.notFound],
                .blocking { call in
                    guard try triage.removeFilter(try call[Self.keptID]) else {
                        throw Problem(.notFound, "there is no such filter").refusal
                    }
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    private var rules: [Operation] {
        [
            Operation(
                .get, "/archive-rules", id: "listArchiveRules", "Lists the rules by which new alerts are archived.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "The rules, the oldest first.",
                        .json(
                            .object([
                                .required(
                                    "rules",
                                    .array(
                                        of: .object([
                                            .required("id", .text()), .required("q", .text()),
                                            .required("note", .text()),
                                            .required("expires", .nullable(.text(format: "date-time"))),
                                            .required("by", .text()), .required("time", .text(format: "date-time")),
                                            .required("hits", .integer()),
                                            .required("last_hit", .nullable(.text(format: "date-time"))),
                                        ])))
                            ])))
                ],
                .blocking { _ in
                    let rules = try triage.rules()
                    return .json { answer in
                        answer.array("rules") { list in
                            for rule in rules {
                                list.object { object in
                                    object.member("id", rule.id)
                                    object.member("q", rule.query)
                                    object.member("note", rule.note)
                                    object.member("expires", rule.expires.map { UTCTimestamp($0).description })
                                    object.member("by", rule.user)
                                    object.member("time", UTCTimestamp(rule.time).description)
                                    object.member("hits", rule.hits)
                                    object.member("last_hit", rule.lastHit.map { UTCTimestamp($0).description })
                                }
                            }
                        }
                    }
                }),
            Operation(
                .put, "/archive-rules/{id}", id: "putArchiveRule", "Archives new alerts that a query finds.",
                access: .role(.analyst), parameters: [Self.keptID],
                body: .json(
                    .object([
                        .required("q", .text(bytesMax: QueryParser.bytesMax)),
                        .optional("note", .text(bytesMax: 1_000)),
                        .optional("expires", .nullable(.text(bytesMax: 40))),
                    ]), bytesMax: 1 << 14), returns: [.init(.noContent, "It is in force.")], errors: [.conflict],
                .blocking { call in
                    let (text, note, expires) = try call.body {
                        ($0["q"]?.string ?? "", $0["note"]?.string ?? "", $0["expires"]?.string)
                    }
                    let now = WallClock.nanoseconds()
                    let query = try Self.parse(text, now: now, part: "q")
                    guard query != .all, !query.asksForFacts else {
                        throw Problem(
                            .unprocessableContent, "/q must say which alerts, and not whether they are archived",
                            part: "/q"
                        ).refusal
                    }
                    let rule = Triage.Rule(
                        id: try call[Self.keptID], query: text, note: note,
                        expires: try Self.moment(expires, part: "/expires"), user: call.caller?.name ?? "", time: now)
                    let isKept = try triage.put(rule) { before, transaction in
                        try audit.record(
                            "set archive rule", rule.id, before: before, after: text, by: call, in: transaction)
                    }
                    guard isKept else {
                        throw Problem(.conflict, "there are \(Triage.rulesMax) rules already").refusal
                    }
                    return .whole(ServerResponse(.noContent))
                }),
            Operation(
                .delete, "/archive-rules/{id}", id: "deleteArchiveRule", "Ends a rule.", access: .role(.analyst),
                parameters: [Self.keptID], returns: [.init(.noContent, "It is gone.")], errors: [.notFound],
                .blocking { call in
                    let id = try call[Self.keptID]
                    let isRemoved = try triage.removeRule(id) { before, transaction in
                        try audit.record(
                            "remove archive rule", id, before: before, after: nil, by: call, in: transaction)
                    }
                    guard isRemoved else {
                        throw Problem(.notFound, "there is no such rule").refusal
                    }
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }
}
