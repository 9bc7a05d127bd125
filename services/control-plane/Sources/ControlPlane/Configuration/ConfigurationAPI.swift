import APIDescription
import CivilTime
import Configuration
import HTTPServer
import HTTPTypes
import JSON
import Logging
import Settings

/// The configuration and its revisions, as operations of the API. Secrets are never told: a mask stands in their place, and
/// means the value that is in force when a text with it comes back.
struct ConfigurationAPI: Sendable {
    let keeper: ConfigurationKeeper
    let accounts: Accounts

    var operations: [Operation] { looks + changes + history }

    // MARK: - What there is

    private var looks: [Operation] {
        [
            Operation(
                .get, "/config", id: "getConfiguration",
                "Shows the configuration file with masks for its secrets, what is wrong in it, and the trial that is open.",
                access: .role(.viewer),
                returns: [.init(.ok, "Its ETag is what a change names by If-Match.", .json(Self.document))],
                .blocking { _ in
                    let current = try reached { () throws(ConfigurationKeeper.Fault) in try keeper.current() }
                    return .json(fields: ["etag": current.tag]) { write(current, to: &$0) }
                }),
            Operation(
                .get, "/config/schema", id: "getConfigurationSchema", "Lists all keys by their sections.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "In the order of the documentation.",
                        .json(.object([.required("sections", .array(of: Self.section))])))
                ],
                .atOnce { _ in
                    .json { json in
                        json.array("sections") { list in
                            for section in SettingsCatalog.sections { list.object { Self.write(section, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .get, "/config/services", id: "listConfiguredServices",
                "Tells of each service since when it has its settings, and which ones do not come from the file.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "By the order of the flow.",
                        .json(.object([.required("services", .array(of: Self.service))])))
                ],
                .blocking { _ in
                    let services = keeper.services()
                    return .json { json in
                        json.array("services") { list in
                            for service in services { list.object { Self.write(service, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .get, "/config/batches", id: "getBatches",
                "Tells what batches cost and how soon they arrive, now and with the revisions before.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "What was measured; the newest revision first.",
                        .json(
                            .object([
                                .required("now", .nullable(Self.measure)),
                                .required(
                                    "before",
                                    .array(
                                        of: .object([
                                            .required("revision", .integer()),
                                            .required("values", .dictionary(of: .text())),
                                            .required("measured", Self.measure),
                                        ]))),
                            ])))
                ],
                .blocking { _ in
                    let (now, before) = (BatchMeasure(keeper.services()), keeper.measured())
                    return .json { json in
                        json.member("now", now)
                        json.array("before") { list in
                            for one in before {
                                list.object { json in
                                    json.member("revision", one.number)
                                    json.object("values") { values in
                                        for key in BatchMeasure.keys {
                                            if let value = one.text[key] { values.member(key, value) }
                                        }
                                    }
                                    json.member("measured", one.measured)
                                }
                            }
                        }
                    }
                }),
        ]
    }

    // MARK: - Changes

    private static let ifMatch = Parameter(
        "if-match", in: .header, .text(bytesMax: 64), "The ETag of the configuration that the change was made from.")
    private static let number = Parameter("number", in: .path, .integer(1...1_000_000), "The number of a revision.")
    /// The text, and keys that are set in it in addition.
    private static let proposal: [JSONSchema.Member] = [
        .required("yaml", .text(bytesMax: textBytesMax)),
        .optional("changes", .dictionary(of: .nullable(.text(bytesMax: 4_096)))),
    ]
    private static let textBytesMax = 1 << 18
    private static let bodyBytesMax = 1 << 20
    private static let refusals: [HTTPStatus] = [.conflict, .preconditionFailed, .serviceUnavailable]

    private var changes: [Operation] {
        [
            Operation(
                .post, "/config/validate", id: "validateConfiguration",
                "Checks a configuration, and shows what would be different and which services would have to start anew; nothing is changed.",
                access: .role(.admin), body: .json(.object(Self.proposal), bytesMax: Self.bodyBytesMax),
                returns: [.init(.ok, "What is known about it.", .json(Self.review))],
                .blocking { call in
                    let current = try reached { () throws(ConfigurationKeeper.Fault) in try keeper.current() }
                    let text = try call.body { try proposed($0, over: current.text) }
                    let services = keeper.services()
                    return .json { write(reviewOf: text, against: current.text, services, to: &$0) }
                }),
            Operation(
                .post, "/config/revisions", id: "applyConfiguration",
                "Puts a configuration in force, on trial: if a service that it concerns does not become ready, the one before comes back.",
                access: .role(.admin), parameters: [Self.ifMatch],
                body: .json(
                    .object(Self.proposal + [.required("note", .text(bytesMax: 500))]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.accepted, "The revision.", .json(Self.revision))], errors: Self.refusals,
                .blocking { call in
                    let identity = try accounts.confirmed(call)
                    let current = try reached { () throws(ConfigurationKeeper.Fault) in try keeper.current() }
                    let (text, note) = try call.body { json in
                        (try proposed(json, over: current.text), json["note"]?.printable ?? "")
                    }
                    return try apply(text, note: note, by: identity, call)
                }),
            Operation(
                .post, "/config/revisions/{number}/apply", id: "reapplyRevision",
                "Puts the text of an older revision in force again, as a new revision.",
                access: .role(.admin), parameters: [Self.number, Self.ifMatch],
                body: .json(.object([]), bytesMax: 1_024),
                returns: [.init(.accepted, "The new revision.", .json(Self.revision))],
                errors: Self.refusals + [.notFound],
                .blocking { call in
                    let (identity, number) = (try accounts.confirmed(call), try call[Self.number])
                    let text = try reached { () throws(ConfigurationKeeper.Fault) in try keeper.revision(number).text }
                    return try apply(text, note: "Back to revision \(number)", by: identity, call)
                }),
            end(
                "keep", id: "keepRevision", "Ends a trial: the revision is kept, whatever the services say.",
                isKept: true),
            end(
                "rollback", id: "rollBackRevision", "Ends a trial: the configuration of before comes back.",
                isKept: false),
        ]
    }

    private func end(_ word: String, id: String, _ summary: String, isKept: Bool) -> Operation {
        Operation(
            .post, "/config/revisions/{number}/\(word)", id: id, summary, access: .role(.admin),
            parameters: [Self.number], body: .json(.object([]), bytesMax: 1_024),
            returns: [.init(.ok, "The revision.", .json(Self.revision))], errors: [.notFound, .serviceUnavailable],
            .blocking { call in
                let number = try call[Self.number]
                _ = try accounts.confirmed(call)
                let revision = try answered {
                    try keeper.end(number, keeping: isKept) { revision in
                        try accounts.audit.record("\(word) configuration", "revision \(revision.number)", by: call)
                    }
                }
                return .json { Self.write(revision, to: &$0) }
            })
    }

    /// The text of a body, with the keys that the body sets, and with the secrets that masks stand for.
    private func proposed(_ json: JSONNode, over current: ConfigurationText) throws -> ConfigurationText {
        var text = ConfigurationText(json["yaml"]?.string ?? "", path: keeper.path)
        for change in json["changes"]?.members.map({ ($0.key.string ?? "", $0.value.string) }) ?? [] {
            guard let key = MaskedText.keys[change.0] else {
                throw Problem(.unprocessableContent, "there is no key \(change.0.printable)", part: "/changes").refusal
            }
            do throws(ConfigurationText.EditError) {
                let edited = try text.setting(change.0, to: change.1, isList: key.isList)
                text = ConfigurationText(edited, path: keeper.path)
            } catch {
                throw Problem(.unprocessableContent, error.description, part: "/changes").refusal
            }
        }
        do throws(MaskedText.NothingMaskedError) {
            return try MaskedText.unmask(text, by: current)
        } catch {
            let place = error.line.map { " on line \($0)" } ?? ""
            throw Problem(
                .unprocessableContent, "\(error.key)\(place) has a mask for a value, and there is none yet: write one",
                part: "/yaml"
            ).refusal
        }
    }

    private func apply(_ text: ConfigurationText, note: String, by identity: Identity, _ call: Call) throws -> Answer {
        if let error = ConfigurationCheck.findings(in: text).first(where: \.isError) {
            let place = error.line.map { "line \($0): " } ?? ""
            throw Problem(.unprocessableContent, place + error.message, part: "/yaml").refusal
        }
        // It would be kept, as services are ready with it: nobody has to be shut out for that.
        let current = try reached { () throws(ConfigurationKeeper.Fault) in try keeper.current() }
        if let refusal = ConfigurationCheck.refusal(of: call.request, by: text),
            ConfigurationCheck.refusal(of: call.request, by: current.text) == nil
        {
            throw Problem(
                .unprocessableContent, "with it you would be shut out yourself: \(refusal.detail)", part: "/yaml"
            ).refusal
        }
        let revision = try answered {
            try keeper.apply(text, over: try call[Self.ifMatch], user: identity.account.name, note: note) { revision in
                try accounts.audit.record(
                    "apply configuration", "revision \(revision.number)", after: revision.keys.joined(separator: " "),
                    by: call)
            }
        }
        return .json(.accepted) { Self.write(revision, to: &$0) }
    }

    // MARK: - Revisions

    private var history: [Operation] {
        [
            Operation(
                .get, "/config/revisions", id: "listRevisions", "Lists what was in force: who did it, when and why.",
                access: .role(.viewer),
                returns: [
                    .init(.ok, "The newest first.", .json(.object([.required("revisions", .array(of: Self.revision))])))
                ],
                .blocking { _ in
                    let revisions = keeper.revisions()
                    return .json { json in
                        json.array("revisions") { list in
                            for revision in revisions { list.object { Self.write(revision, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .get, "/config/revisions/{number}", id: "getRevision", "Shows a revision, and what it changed.",
                access: .role(.viewer), parameters: [Self.number],
                returns: [
                    .init(
                        .ok, "With masks for its secrets.",
                        .json(
                            .object([
                                .required("revision", Self.revision), .required("yaml", .nullable(.text())),
                                .required("difference", Self.difference),
                            ])))
                ], errors: [.notFound],
                .blocking { call in
                    let number = try call[Self.number]
                    let (revision, text, base) = try reached { () throws(ConfigurationKeeper.Fault) in
                        try keeper.revision(number)
                    }
                    return .json { json in
                        json.object("revision") { Self.write(revision, to: &$0) }
                        json.member("yaml", MaskedText.mask(text))
                        Self.write(ConfigurationDifference(from: base, to: text), to: &json)
                    }
                }),
        ]
    }

    // MARK: - Faults

    private func reached<Value>(_ work: () throws(ConfigurationKeeper.Fault) -> Value) throws -> Value {
        try answered(work)
    }

    private func answered<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let fault as ConfigurationKeeper.Fault {
            throw Self.problem(fault).refusal
        }
    }

    private static func problem(_ fault: ConfigurationKeeper.Fault) -> Problem {
        switch fault {
        case .changed:
            Problem(
                .preconditionFailed, "the configuration has changed since you opened it; look at it again",
                part: "if-match")
        case .busy: Problem(.conflict, "a revision is on trial; keep it or take it back first")
        case .missing: Problem(.notFound, "there is no such revision, or it is not on trial")
        case .file(let reason): Problem(.serviceUnavailable, reason)
        case .otherFolder:
            Problem(
                .unprocessableContent,
                "web.data_dir holds accounts and revisions, and is changed on the box: stop control-plane, move the folder, then change the key",
                part: "/yaml")
        }
    }

    // MARK: - Answers

    private func write(_ current: ConfigurationKeeper.Current, to json: inout JSONWriter) {
        json.member("path", keeper.path)
        json.member("etag", current.tag)
        json.member("obstacle", current.obstacle)
        json.member("restarts_services", keeper.restartsServices)
        json.member("yaml", MaskedText.mask(current.text))
        Self.write(ConfigurationCheck.findings(in: current.text), to: &json)
        Self.writeValues(of: current.text, to: &json)
        json.name("trial")
        guard let trial = keeper.trial else { return json.json("null") }
        json.object { json in
            json.object("revision") { Self.write(trial.revision, to: &$0) }
            json.member("patience_seconds", keeper.patienceSeconds)
            json.array("services") { list in
                for service in trial.services {
                    list.object { object in
                        object.member("name", service.name)
                        object.member("course", service.course.rawValue)
                        object.member("reason", service.reason)
                    }
                }
            }
        }
    }

    private func write(
        reviewOf text: ConfigurationText, against current: ConfigurationText, _ services: [SettingsInForce],
        to json: inout JSONWriter
    ) {
        let difference = ConfigurationDifference(from: current, to: text)
        json.member("yaml", MaskedText.mask(text))
        Self.write(ConfigurationCheck.findings(in: text), to: &json)
        Self.writeValues(of: text, to: &json)
        Self.write(difference, to: &json)
        json.array("effects") { list in
            for service in services {
                let keys = difference.keys.map { ConfigurationKeeper.plain($0.name) }
                let taken = keys.filter(service.takes)
                let overridden = keys.compactMap { key in service.override(of: key).map { (key, $0) } }
                if taken.isEmpty, overridden.isEmpty { continue }
                list.object { object in
                    object.member("service", service.service)
                    object.member("keys", taken)
                    object.object("overridden") { members in
                        for (key, origin) in overridden { members.member(key, origin) }
                    }
                }
            }
        }
        json.member("silent", services.filter { $0.silence != nil }.map(\.service))
    }

    private static func write(_ findings: [ConfigurationCheck.Finding], to json: inout JSONWriter) {
        json.array("findings") { list in
            for finding in findings {
                list.object { object in
                    object.member("key", finding.key)
                    object.member("line", finding.line)
                    object.member("message", finding.message)
                    object.member("level", finding.isError ? "error" : "note")
                }
            }
        }
    }

    private static func writeValues(of text: ConfigurationText, to json: inout JSONWriter) {
        json.object("values") { values in
            for name in text.names {
                let value = text[name] ?? ""
                values.member(name, MaskedText.isOpen(name) || value.isEmpty ? value : Secret.mask)
            }
        }
    }

    private static func write(_ difference: ConfigurationDifference, to json: inout JSONWriter) {
        json.object("difference") { json in
            json.array("keys") { list in
                for key in difference.keys {
                    list.object { object in
                        object.member("name", key.name)
                        object.member("before", key.before)
                        object.member("after", key.after)
                    }
                }
            }
            json.array("lines") { list in
                for line in difference.lines {
                    list.object { object in
                        object.member("kind", line.kind.rawValue)
                        object.member("text", line.text)
                    }
                }
            }
        }
    }

    private static func write(_ revision: Revision, to json: inout JSONWriter) {
        json.member("number", revision.number)
        json.member("time", UTCTimestamp(seconds: revision.time).description)
        json.member("user", revision.user)
        json.member("note", revision.note)
        json.member("state", revision.state.rawValue)
        json.member("base", revision.base)
        json.member("keys", revision.keys)
        json.member("reason", revision.reason)
    }

    private static func write(_ service: SettingsInForce, to json: inout JSONWriter) {
        json.member("name", service.service)
        json.member("silence", service.silence)
        json.member("started", service.silence == nil ? service.started : nil)
        json.member("ready", service.isReady)
        json.member("reason", service.reason)
        json.object("overridden") { members in
            for key in service.keys.keys.sorted() {
                if let origin = service.override(of: key) { members.member(key, origin) }
            }
        }
    }

    private static func write(_ section: ConfigurationSection, to json: inout JSONWriter) {
        json.member("name", section.name)
        json.member("summary", section.summary)
        json.array("keys") { list in
            for key in section.keys { list.object { write(key, to: &$0) } }
        }
    }

    private static func write(_ key: KeyDefinition, to json: inout JSONWriter) {
        json.member("name", key.name)
        json.member("summary", key.summary)
        json.member("allowed", key.allowed)
        json.member("default", key.fallbackText)
        json.member("environment", key.environment)
        json.member("secret", key.isSecret)
        json.member("list", key.isList)
        switch key.kind {
        case .text: json.member("kind", "text")
        case .boolean: json.member("kind", "boolean")
        case .choice(let choices):
            json.member("kind", "choice")
            json.member("choices", choices)
        case .integer(let range): write("integer", range, to: &json)
        case .milliseconds(let range): write("milliseconds", range, to: &json)
        case .bytes(let range): write("bytes", range, to: &json)
        }
    }

    private static func write(_ kind: String, _ range: ClosedRange<Int>, to json: inout JSONWriter) {
        json.member("kind", kind)
        json.member("min", range.lowerBound)
        json.member("max", range.upperBound)
    }

    // MARK: - Forms

    private static let findings = JSONSchema.Member.required(
        "findings",
        .array(
            of: .named(
                "ConfigurationFinding",
                .object([
                    .required("key", .nullable(.text())), .required("line", .nullable(.integer())),
                    .required("message", .text()), .required("level", .choice(["error", "note"])),
                ]))))
    private static let values = JSONSchema.Member.required("values", .dictionary(of: .text()))
    private static let difference = JSONSchema.named(
        "ConfigurationDifference",
        .object([
            .required(
                "keys",
                .array(
                    of: .object([
                        .required("name", .text()), .required("before", .nullable(.text())),
                        .required("after", .nullable(.text())),
                    ]))),
            .required(
                "lines",
                .array(
                    of: .object([
                        .required("kind", .choice(ConfigurationDifference.Line.Kind.allCases.map(\.rawValue))),
                        .required("text", .text()),
                    ]))),
        ]))
    private static let revision = JSONSchema.named(
        "ConfigurationRevision",
        .object([
            .required("number", .integer()), .required("time", .text(format: "date-time")), .required("user", .text()),
            .required("note", .text()), .required("state", .choice(Revision.State.allCases.map(\.rawValue))),
            .required("base", .integer()), .required("keys", .array(of: .text())),
            .required("reason", .nullable(.text())),
        ]))
    private static let measure = JSONSchema.named(
        "BatchMeasure",
        .object([
            .required("events", .integer()), .required("events_per_batch", .number),
            .required("cpu_seconds_per_million", .number), .required("delay_seconds", .nullable(.number)),
        ]))
    private static let document = JSONSchema.named(
        "Configuration",
        .object([
            .required("path", .text()), .required("etag", .text()), .required("obstacle", .nullable(.text())),
            .required("restarts_services", .boolean), .required("yaml", .nullable(.text())), findings, values,
            .required(
                "trial",
                .nullable(
                    .object([
                        .required("revision", revision), .required("patience_seconds", .integer()),
                        .required(
                            "services",
                            .array(
                                of: .object([
                                    .required("name", .text()),
                                    .required("course", .choice(Trial.Course.allCases.map(\.rawValue))),
                                    .required("reason", .nullable(.text())),
                                ]))),
                    ]))),
        ]))
    private static let review = JSONSchema.named(
        "ConfigurationReview",
        .object([
            .required("yaml", .nullable(.text())), findings, values, .required("difference", difference),
            .required(
                "effects",
                .array(
                    of: .object([
                        .required("service", .text()), .required("keys", .array(of: .text())),
                        .required("overridden", .dictionary(of: .text())),
                    ]))),
            .required("silent", .array(of: .text())),
        ]))
    private static let service = JSONSchema.named(
        "ConfiguredService",
        .object([
            .required("name", .text()), .required("silence", .nullable(.text())),
            .required("started", .nullable(.text())),
            .required("ready", .boolean), .required("reason", .nullable(.text())),
            .required("overridden", .dictionary(of: .text())),
        ]))
    private static let section = JSONSchema.named(
        "ConfigurationSection",
        .object([
            .required("name", .text()), .required("summary", .text()),
            .required(
                "keys",
                .array(
                    of: .object([
                        .required("name", .text()), .required("summary", .text()), .required("allowed", .text()),
                        .required("default", .text()), .required("environment", .text()), .required("secret", .boolean),
                        .required("list", .boolean),
                        .required("kind", .choice(["text", "boolean", "choice", "integer", "milliseconds", "bytes"])),
                        .optional("choices", .array(of: .text())), .optional("min", .integer()),
                        .optional("max", .integer()),
                    ]))),
        ]))
}
