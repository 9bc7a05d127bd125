import APIDescription
import CivilTime
import Digest
import EventContract
import HTTPServer
import HTTPTypes
import JSON
import RedisStreams

/// Dead letters as operations of the API: by reason, one with its bytes, back into the pipeline, edited or not, and away.
struct DeadLettersAPI: Sendable {
    /// Bytes of an edited letter, as JSON.
    private static let editBytesMax = 3 << 20
    /// Bytes of an entry that are shown.
    private static let entryBytesShown = 1_024

    let queue: DeadLetterQueue
    let audit: AuditLog

    var operations: [Operation] { looking + deciding }

    // MARK: - Parameters and forms

    private static let idForm = ParameterForm<String>(.text(bytesMax: 41)) { StreamEntryID($0) == nil ? nil : $0 }
    private static let groupForm = ParameterForm<String>(.text(bytesMax: 16)) {
        $0.isEmpty || $0.utf8.count > 16 ? nil : $0
    }

    private static let id = Parameter("id", in: .path, idForm, "A letter, by its entry in `ids:dead`.")
    private static let key = Parameter("key", in: .path, groupForm, "The key of a group.")
    private static let group = Parameter("group", in: .query, groupForm, "The key of a group.")
    private static let through = Parameter(
        "through", in: .query, idForm, "The newest letter that is meant: what came later is not touched.")
    private static let from = Parameter(
        "from", in: .query, optional: idForm, "Letters from this one on to older ones: `next` of the page before.")
    private static let limit = Parameter("limit", in: .query, .integer(1...200), default: 50, "How many at most.")

    private static let letterSchema = JSONSchema.named(
        "DeadLetter",
        .object([
            .required("id", .text()), .required("kind", .choice(StoredLetter.Kind.allCases.map(\.rawValue))),
            .required("time", .text(format: "date-time")), .required("reason", .text()), .required("service", .text()),
            .required("sensor", .text()), .required("source", .text()), .required("offset", .nullable(.integer())),
            .required("document", .nullable(.text())), .required("entry", .nullable(.text())),
            .required("attempt", .integer()), .required("size", .integer()), .required("kept", .integer()),
            .required("obstacle", .nullable(.text())), .required("editable", .boolean),
        ]))

    private static let groupSchema = JSONSchema.named(
        "DeadLetterGroup",
        .object([
            .required("key", .text()), .required("service", .text()), .required("reason", .text()),
            .required("field", .nullable(.text())), .required("count", .integer()), .required("replayable", .integer()),
            .required("bytes", .integer()), .required("first", .text(format: "date-time")),
            .required("last", .text(format: "date-time")), .required("newest", letterSchema),
        ]))

    private static let outcomeSchema = JSONSchema.object([
        .required("done", .integer()), .required("refused", .integer()), .required("next", .nullable(.text())),
    ])

    // MARK: - Operations

    private var looking: [Operation] {
        [
            Operation(
                .get, "/dead-letters", id: "listDeadLetterGroups",
                "Lists why lines and documents could not be stored, each reason with its newest letter.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok,
                        "The reasons, that with the newest letter first; not complete when there are more letters.",
                        .json(
                            .object([
                                .required("count", .integer()), .required("complete", .boolean),
                                .required("groups", .array(of: Self.groupSchema)),
                            ])))
                ],
                .blocking { _ in
                    let (groups, total, isComplete) = try reach { try queue.groups() }
                    return .json { answer in
                        answer.member("count", total)
                        answer.member("complete", isComplete)
                        answer.array("groups") { list in
                            for group in groups { list.object { Self.write(group, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .get, "/dead-letters/groups/{key}", id: "listDeadLetters",
                "Lists the letters of one reason, the newest first.",
                access: .role(.viewer), parameters: [Self.key, Self.from, Self.limit],
                returns: [
                    .init(
                        .ok, "A page of them.",
                        .json(
                            .object([
                                .required("letters", .array(of: Self.letterSchema)),
                                .required("next", .nullable(.text())),
                            ])))
                ],
                .blocking { call in
                    let (key, from, limit) = (try call[Self.key], try call[Self.from], try call[Self.limit])
                    let (letters, next) = try reach { try queue.letters(of: key, from: from, limit: limit) }
                    return .json { answer in
                        answer.array("letters") { list in
                            for letter in letters { list.object { Self.write(letter, to: &$0) } }
                        }
                        answer.member("next", next)
                    }
                }),
            Operation(
                .get, "/dead-letters/{id}", id: "getDeadLetter", "Shows a letter with its bytes.",
                access: .role(.viewer),
                parameters: [Self.id],
                returns: [
                    .init(
                        .ok, "The letter; of what is no text `hex` has the front in the place of `text`.",
                        .json(
                            .object([
                                .required("letter", Self.letterSchema), .required("field", .nullable(.text())),
                                .required("group", .text()), .required("text", .nullable(.text())),
                                .required("fault_at", .nullable(.integer())), .required("hex", .nullable(.text())),
                                .required("records", .nullable(.integer())),
                            ])))
                ], errors: [.notFound],
                .blocking { call in
                    let stored = try letter(call)
                    let reason = LetterReason(of: stored.letter)
                    return .json { answer in
                        answer.object("letter") { Self.write(stored, to: &$0) }
                        answer.member("field", reason.field)
                        answer.member("group", reason.key)
                        let isText = stored.kind != .entry
                        answer.member("text", isText ? String(decoding: stored.letter.bytes, as: UTF8.self) : nil)
                        answer.member("fault_at", isText ? LetterReason.offset(in: stored.letter.reason) : nil)
                        answer.member(
                            "hex", isText ? nil : Hexadecimal.text(of: stored.letter.bytes.prefix(Self.entryBytesShown))
                        )
                        answer.member("records", stored.batch?.count)
                    }
                }),
        ]
    }

    private var deciding: [Operation] {
        [
            Operation(
                .post, "/dead-letters/{id}/replay", id: "replayDeadLetter",
                "Puts a letter back into the stream that it came from, with another text if there is one.",
                access: .role(.admin), parameters: [Self.id],
                body: .json(
                    .object([.optional("text", .nullable(.text(bytesMax: DeadLetter.bytesMax)))]),
                    bytesMax: Self.editBytesMax),
                returns: [.init(.noContent, "It is in the stream, and no letter any more.")],
                errors: [.notFound, .conflict],
                .blocking { call in
                    let text = try call.body { $0["text"]?.string }
                    let stored = try letter(call)
                    let replay: Replay
                    do throws(Replay.Refusal) {
                        replay = try Replay(of: stored, edited: text)
                    } catch {
                        throw Problem(
                            text == nil ? .conflict : .unprocessableContent, error.reason,
                            part: text == nil ? nil : "/text"
                        ).refusal
                    }
                    let action = text == nil ? "replay dead letter" : "edit and replay dead letter"
                    try recording(action, of: stored, after: text, call) {
                        guard try queue.put(replay, inPlaceOf: stored.id) else { throw Self.gone.refusal }
                    }
                    return .whole(ServerResponse(.noContent))
                }),
            Operation(
                .post, "/dead-letters/replay", id: "replayDeadLetters",
                "Puts letters of one reason back into their streams, those that can go as they are; go on with `next`.",
                access: .role(.admin),
                body: .json(
                    .object([.required("group", .text(bytesMax: 16)), .required("through", .text(bytesMax: 41))]),
                    bytesMax: 1 << 12),
                returns: [.init(.ok, "How many are back, and how many could not go.", .json(Self.outcomeSchema))],
                .blocking { call in
                    let (group, through) = try call.body { ($0["group"]?.string ?? "", $0["through"]?.string ?? "") }
                    guard StreamEntryID(through) != nil else {
                        throw Problem(.unprocessableContent, "/through must be the id of a letter", part: "/through")
                            .refusal
                    }
                    return try recording("replay dead letters", of: group, through: through, call) {
                        try queue.replay(group: group, through: through)
                    }
                }),
            Operation(
                .delete, "/dead-letters", id: "deleteDeadLetters", "Deletes letters of one reason; go on with `next`.",
                access: .role(.admin), parameters: [Self.group, Self.through],
                returns: [.init(.ok, "How many are gone.", .json(Self.outcomeSchema))],
                .blocking { call in
                    let (group, through) = (try call[Self.group], try call[Self.through])
                    return try recording("delete dead letters", of: group, through: through, call) {
                        try queue.delete(group: group, through: through)
                    }
                }),
            Operation(
                .delete, "/dead-letters/{id}", id: "deleteDeadLetter", "Deletes a letter.", access: .role(.admin),
                parameters: [Self.id], returns: [.init(.noContent, "It is gone.")], errors: [.notFound],
                .blocking { call in
                    let stored = try letter(call)
                    try recording("delete dead letter", of: stored, after: nil, call) {
                        guard try queue.delete(stored.id) else { throw Self.gone.refusal }
                    }
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    // MARK: - Answers

    private static let gone = Problem(.notFound, "there is no such letter, or no longer")

    private func letter(_ call: Call) throws -> StoredLetter {
        let id = try call[Self.id]
        guard let letter = try reach({ try queue.letter(id) }) else { throw Self.gone.refusal }
        return letter
    }

    /// Asks Redis; why it cannot be used becomes an answer.
    private func reach<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            return try work()
        } catch let error as RedisError {
            throw error.problem.refusal
        }
    }

    private static func answer(_ outcome: DeadLetterQueue.Outcome) -> Answer {
        .json { answer in
            answer.member("done", outcome.doneCount)
            answer.member("refused", outcome.refusedCount)
            answer.member("next", outcome.next)
        }
    }

    private static func write(_ stored: StoredLetter, to object: inout JSONWriter) {
        let (letter, origin) = (stored.letter, stored.letter.origin)
        object.member("id", stored.id)
        object.member("kind", stored.kind.rawValue)
        object.member("time", UTCTimestamp(letter.time).description)
        object.member("reason", letter.reason)
        object.member("service", origin.service)
        object.member("sensor", origin.sensor)
        object.member("source", origin.sourcePath)
        object.member("offset", origin.offset.map { Int64(clamping: $0) })
        object.member("document", origin.documentID)
        object.member("entry", origin.entryID)
        object.member("attempt", letter.attempt)
        object.member("size", letter.size)
        object.member("kept", stored.byteCount)
        object.member("obstacle", stored.obstacle)
        object.member("editable", stored.isEditable)
    }

    private static func write(_ group: DeadLetterQueue.Group, to object: inout JSONWriter) {
        object.member("key", group.reason.key)
        object.member("service", group.reason.service)
        object.member("reason", group.reason.text)
        object.member("field", group.reason.field)
        object.member("count", group.count)
        object.member("replayable", group.replayableCount)
        object.member("bytes", group.byteCount)
        object.member("first", UTCTimestamp(group.oldest.letter.time).description)
        object.member("last", UTCTimestamp(group.newest.letter.time).description)
        object.object("newest") { write(group.newest, to: &$0) }
    }

    // MARK: - The audit log

    private func recording(
        _ action: String, of stored: StoredLetter, after: String?, _ call: Call, _ work: () throws -> Void
    ) throws {
        let before = stored.kind == .entry ? stored.letter.reason : String(decoding: stored.letter.bytes, as: UTF8.self)
        try recording(action, target: stored.id, before: before, after: after, call, work)
    }

    private func recording(
        _ action: String, of group: String, through: String, _ call: Call, _ work: () throws -> DeadLetterQueue.Outcome
    ) throws -> Answer {
        let (letters, next) = try reach { try queue.letters(of: group, from: through, limit: 1) }
        // None among so many; there may be some further on.
        guard let reason = letters.first.map({ LetterReason(of: $0.letter) }) else {
            return Self.answer(.init(next: next))
        }
        let outcome = try recording(
            action, target: "\(reason.service): \(reason.text)", before: nil, after: "through \(through)", call, work)
        return Self.answer(outcome)
    }

    /// Records first, as what cannot be recorded is not done, and once more what has failed.
    private func recording<Result>(
        _ action: String, target: String, before: String?, after: String?, _ call: Call, _ work: () throws -> Result
    ) throws -> Result {
        try audit.record(action, target, before: before, after: after, by: call)
        do {
            return try reach(work)
        } catch {
            try audit.record(action, target, before: before, after: after, result: "failed", by: call)
            throw error
        }
    }
}
