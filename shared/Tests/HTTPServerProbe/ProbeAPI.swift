import APIDescription
import HTTPServer
import HTTPTypes

/// The API of a control plane, described in full and answered with little: what an API of this product looks like.
enum ProbeAPI {
    static let server = API(
        title: "probe", version: "1", prefix: "/api/v1", operations: described + listed, identify: caller)

    /// The token names the caller and its role: `Bearer ann:admin`.
    @Sendable private static func caller(of request: ServerRequest) -> Caller? {
        let words = (request.head.fields["authorization"] ?? "").split(separator: " ")
        guard words.count == 2, words[0] == "Bearer" else { return nil }
        let parts = words[1].split(separator: ":")
        guard parts.count == 2, let role = Role(rawValue: String(parts[1])) else { return nil }
        return Caller(name: String(parts[0]), role: role)
    }

    // MARK: - Operations with all that can be said of one

    private static let limit = Parameter("limit", in: .query, .integer(1...200), default: 50, "How many.")
    private static let after = Parameter("after", in: .query, optional: .integer(0...Int.max), "Those behind this one.")
    private static let query = Parameter("q", in: .query, optional: .text(bytesMax: 1000), "What is looked for.")
    private static let sid = Parameter("sid", in: .path, .integer(1...4_294_967_295), "The rule.")
    private static let phase = Parameter("phase", in: .path, ParameterForm<Phase>.choice, "The phase.")
    private static let fileName = Parameter("X-File-Name", in: .header, .text(bytesMax: 255), "Its name, escaped.")

    enum Phase: String, CaseIterable {
        case A, B, C, D, E, F, G
    }

    private static let event = JSONSchema.named("Event", .object([.required("id", .text())], isOpen: true))
    private static let job = JSONSchema.named(
        "Job",
        .object([.required("id", .text()), .required("state", .choice(["queued", "running", "done", "failed"]))]))

    private static let described = [
        Operation(
            .get, "/events", id: "searchEvents", "Searches events.", access: .role(.viewer),
            parameters: [query, limit, after],
            returns: [
                Operation.Success(
                    .ok, "What was found, and where to go on.",
                    .json(
                        .object([
                            .required("events", .array(of: event)), .required("complete", .boolean),
                            .optional("next", .nullable(.integer())),
                        ])))
            ],
            .blocking { call in
                let (limit, after, caller) = (try call[limit], try call[after] ?? -1, call.caller?.name ?? "")
                let text = #"{"events":[],"complete":true,"limit":\#(limit),"after":\#(after),"caller":"\#(caller)"}"#
                return .whole(ServerResponse(contentType: "application/json", text: text))
            }),
        Operation(
            .post, "/groups/actions", id: "changeGroups", "Archives or escalates groups.", access: .role(.analyst),
            body: .json(
                .object([
                    .required("keys", .array(of: .text(bytesMax: 64), countMax: 100)),
                    .required("action", .choice(["archive", "unarchive", "escalate", "deescalate", "assign"])),
                    .optional("through", .integer(0...Int.max)), .optional("comment", .text(bytesMax: 1000)),
                ])),
            returns: [Operation.Success(.ok, "Done.", .json(.object([.required("undo", .text())])))],
            .blocking { _ in .whole(ServerResponse(contentType: "application/json", text: #"{"undo":"1"}"#)) }),
        Operation(
            .post, "/rules/{sid}/suppressions", id: "suppressRule", "Suppresses a rule.", access: .role(.admin),
            parameters: [sid], body: .json(.object([.optional("source", .text(format: "ipv4"))])),
            returns: [Operation.Success(.created, "Suppressed.")], errors: [.conflict],
            .blocking { call in .whole(ServerResponse(.created, text: "\(try call[sid])")) }),
        Operation(
            .put, "/pcaps", id: "uploadCapture", "Takes a capture.", access: .role(.analyst), parameters: [fileName],
            body: .bytes(contentType: "application/octet-stream", bytesMax: 1 << 30),
            returns: [Operation.Success(.accepted, "It waits to be read.", .json(job))],
            errors: [.unsupportedMediaType, .tooManyRequests],
            .upload { call in Counting(fileName: try call[fileName]) }),
        Operation(
            .post, "/phases/{phase}/run", id: "runPhase", "Runs a phase.", access: .role(.admin),
            parameters: [phase], returns: [Operation.Success(.accepted, "It runs.", .json(job))],
            .blocking { call in .whole(ServerResponse(.accepted, text: "\(try call[phase])")) }),
        Operation(
            .get, "/live", id: "live", "Sends what goes on, as it goes on.", access: .role(.viewer), returns: [],
            .webSocket(subprotocols: ["ids.map.v1"]) { call in
                Listening(ProbeBroadcasts.shared.live, client: call.caller?.name ?? "")
            }),
    ]

    // MARK: - The others, by method, path and role

    private static let listed = list.map { method, path, role in
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        let id = method.lowercased() + path.split { "/{}".contains($0) }.joined(separator: "-")
        return Operation(
            HTTPMethod(method), path, id: id, "\(method) of \(path).", access: role.map(Access.role) ?? .open,
            parameters: names.map { Parameter($0, in: .path, .text(bytesMax: 100), "Which.") },
            returns: [Operation.Success(.ok, "Done.", .json(.any))],
            .atOnce { _ in .whole(ServerResponse(contentType: "application/json", text: "{}")) })
    }

    private static let list: [(String, String, Role?)] = [
        ("POST", "/setup", nil), ("POST", "/session", nil), ("GET", "/session", nil), ("DELETE", "/session", nil),
        ("GET", "/status", .viewer), ("GET", "/metrics/series", .viewer), ("GET", "/events/{id}", .viewer),
        ("GET", "/events/histogram", .viewer), ("GET", "/events/export", .viewer), ("GET", "/events/fields", .viewer),
        ("GET", "/events/values", .viewer), ("GET", "/groups", .viewer), ("GET", "/groups/{key}", .viewer),
        ("GET", "/events/{id}/comments", .viewer), ("POST", "/events/{id}/comments", .analyst),
        ("DELETE", "/events/{id}/comments", .analyst), ("GET", "/archive-rules", .viewer),
        ("PUT", "/archive-rules/{id}", .analyst), ("DELETE", "/archive-rules/{id}", .analyst),
        ("GET", "/hosts", .viewer), ("GET", "/hosts/{ip}", .viewer), ("PUT", "/hosts/{ip}", .analyst),
        ("GET", "/rules", .viewer), ("DELETE", "/rules/{sid}/suppressions", .admin), ("POST", "/rules/reload", .admin),
        ("GET", "/pcaps", .viewer), ("GET", "/pcaps/{id}", .viewer), ("GET", "/pcaps/{id}/events", .viewer),
        ("DELETE", "/pcaps/{id}", .analyst), ("GET", "/config", .viewer), ("GET", "/config/schema", .viewer),
        ("POST", "/config/validate", .admin), ("POST", "/config/revisions", .admin),
        ("GET", "/config/revisions", .viewer), ("GET", "/config/revisions/{n}", .viewer),
        ("POST", "/config/revisions/{n}/apply", .admin), ("POST", "/config/revisions/{n}/rollback", .admin),
        ("GET", "/services", .viewer), ("POST", "/services/{name}/restart", .admin),
        ("PUT", "/services/{name}/tuning", .admin), ("GET", "/host", .viewer), ("GET", "/host/units", .viewer),
        ("POST", "/host/restart", .admin), ("GET", "/jobs/{id}", .viewer), ("GET", "/dead-letters", .viewer),
        ("POST", "/dead-letters/replay", .admin), ("DELETE", "/dead-letters", .admin), ("GET", "/audit", .admin),
        ("GET", "/users", .admin), ("POST", "/users", .admin), ("PATCH", "/users", .admin),
        ("DELETE", "/users", .admin), ("GET", "/tokens", .viewer),
    ]
}

/// An upload that is counted and thrown away.
struct Counting: UploadConsumer {
    let fileName: String
    var byteCount = 0

    mutating func take(_ piece: [UInt8]) { byteCount += piece.count }

    func finish() -> Answer { .whole(ServerResponse(.accepted, text: "\(byteCount) \(fileName)\n")) }

    func abandon() {}
}
