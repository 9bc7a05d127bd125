import APIDescription
import CivilTime
import HTTPServer
import HTTPTypes
import JSON

/// Setup, log-in, accounts, tokens and the audit log as operations of the API.
struct AccountsAPI: Sendable {
    private let accounts: Accounts

    init(_ accounts: Accounts) {
        self.accounts = accounts
    }

    var operations: [Operation] { before + own + users + tokens + log }

    // MARK: - Before a session, and its end

    private var before: [Operation] {
        [
            Operation(
                .get, "/setup", id: "getSetup", "Tells whether the first account is still to be made.", access: .open,
                returns: [.init(.ok, "Whether it is.", .json(.object([.required("needed", .boolean)])))],
                .atOnce { _ in .json { $0.member("needed", accounts.needsSetup) } }),
            Operation(
                .post, "/setup", id: "setUp", "Makes the first account, an admin, and logs it in.", access: .open,
                body: .json(
                    .object([
                        .required("code", .text(bytesMax: 64)), .required("user", Self.name),
                        .required("password", Self.password),
                    ]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.created, "It is made, and you are logged in.", .json(Self.session))],
                errors: [.conflict, .tooManyRequests],
                .blocking { call in
                    let (code, name, password) = try call.body { json in
                        (json["code"]?.string ?? "", json["user"]?.string ?? "", json["password"]?.string ?? "")
                    }
                    return answer(
                        .created, try accounts.setUp(code: code, name: name, password: password, .init(call.request)))
                }),
            Operation(
                .post, "/session", id: "logIn", "Logs in, by name and password or by a link's code.", access: .open,
                body: .json(
                    .object([
                        .optional("user", .text(bytesMax: 64)), .optional("password", Self.password),
                        .optional("link", .text(bytesMax: 64)),
                    ]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.ok, "You are logged in.", .json(Self.session))],
                errors: [.unauthorized, .tooManyRequests],
                .blocking { call in
                    let (name, password, link) = try call.body { json in
                        (json["user"]?.string, json["password"]?.string, json["link"]?.string)
                    }
                    let client = Accounts.Client(call.request)
                    if let link { return answer(.ok, try accounts.logIn(link: link, client)) }
                    guard let name, let password else {
                        throw Problem(.unprocessableContent, "`user` and `password`, or `link`, must be there").refusal
                    }
                    return answer(.ok, try accounts.logIn(name, password: password, client))
                }),
            Operation(
                .get, "/session", id: "getSession", "Tells who you are.", access: .role(.viewer),
                returns: [.init(.ok, "That.", .json(Self.session))],
                .atOnce { call in
                    let identity = try accounts.identity(call)
                    return .json { write(identity, to: &$0) }
                }),
            Operation(
                .delete, "/session", id: "logOut", "Logs out.", access: .role(.viewer),
                returns: [.init(.noContent, "You are logged out.")],
                .blocking { call in
                    try accounts.logOut(try accounts.identity(call), .init(call.request))
                    return .whole(ServerResponse(.noContent, fields: ["set-cookie": cookie(nil)]))
                }),
            Operation(
                .post, "/account/confirmation", id: "confirmPassword",
                "Takes the password again, so that dangerous actions can be done for 5 minutes.",
                access: .role(.viewer),
                body: .json(.object([.required("password", Self.password)]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.ok, "It is right.", .json(Self.session))], errors: [.tooManyRequests],
                .blocking { call in
                    let password = try call.body { $0["password"]?.string ?? "" }
                    try accounts.confirm(password, try accounts.identity(call), .init(call.request))
                    let identity = try accounts.identity(call)
                    return .json { write(identity, to: &$0) }
                }),
        ]
    }

    // MARK: - One's own account

    private var own: [Operation] {
        [
            Operation(
                .post, "/account/password", id: "changePassword",
                "Sets a new password, and ends all other sessions.", access: .role(.viewer),
                body: .json(
                    .object([.optional("current", Self.password), .required("new", Self.password)]),
                    bytesMax: Self.bodyBytesMax),
                returns: [.init(.ok, "It is set; the session has a new key.", .json(Self.session))],
                errors: [.tooManyRequests],
                .blocking { call in
                    let (current, new) = try call.body { ($0["current"]?.string, $0["new"]?.string ?? "") }
                    return answer(
                        .ok,
                        try accounts.changePassword(
                            current: current, new: new, try accounts.identity(call), .init(call.request)))
                }),
            Operation(
                .get, "/account/sessions", id: "listSessions", "Lists where you are logged in.", access: .role(.viewer),
                returns: [
                    .init(.ok, "The newest first.", .json(.object([.required("sessions", .array(of: Self.place))])))
                ],
                .atOnce { call in
                    let identity = try accounts.identity(call)
                    return .json { json in
                        json.array("sessions") { list in
                            for session in accounts.sessions(of: identity.account.name) {
                                list.object { write(session, isCurrent: session.id == identity.session?.id, to: &$0) }
                            }
                        }
                    }
                }),
            Operation(
                .delete, "/account/sessions", id: "endOtherSessions", "Logs out everywhere else.",
                access: .role(.viewer), returns: [.init(.noContent, "Done.")],
                .blocking { call in
                    _ = try accounts.endSessions(nil, try accounts.identity(call), .init(call.request))
                    return .whole(ServerResponse(.noContent))
                }),
            Operation(
                .delete, "/account/sessions/{id}", id: "endSession", "Logs out in one place.", access: .role(.viewer),
                parameters: [Self.id], returns: [.init(.noContent, "Done.")], errors: [.notFound],
                .blocking { call in
                    guard
                        try accounts.endSessions(
                            Int64(try call[Self.id]), try accounts.identity(call), .init(call.request))
                    else { throw Problem(.notFound, "you have no such session").refusal }
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    // MARK: - Users

    private var users: [Operation] {
        [
            Operation(
                .get, "/users", id: "listUsers", "Lists the users.", access: .role(.admin),
                returns: [.init(.ok, "By name.", .json(.object([.required("users", .array(of: Self.user))])))],
                .atOnce { _ in
                    .json { json in
                        json.array("users") { list in
                            for entry in accounts.list() { list.object { write(entry, to: &$0) } }
                        }
                    }
                }),
            Operation(
                .post, "/users", id: "addUser", "Makes a user.", access: .role(.admin),
                body: .json(
                    .object([
                        .required("name", Self.name), .required("role", Self.role),
                        .required("password", Self.password),
                    ]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.created, "The user.", .json(Self.user))], errors: [.conflict],
                .blocking { call in
                    let identity = try accounts.confirmed(call)
                    let (name, role, password) = try call.body { json in
                        (json["name"]?.string ?? "", Self.role(json), json["password"]?.string ?? "")
                    }
                    try accounts.add(name, role ?? .viewer, password: password, by: identity, .init(call.request))
                    return try user(name, .created)
                }),
            Operation(
                .patch, "/users/{name}", id: "changeUser",
                "Changes role or password of a user, or lets nobody in by that name; ends the user's sessions, and with a new "
                    + "password or when disabled also tokens.",
                access: .role(.admin), parameters: [Self.userName],
                body: .json(
                    .object([
                        .optional("role", Self.role), .optional("disabled", .boolean),
                        .optional("password", Self.password),
                    ]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.ok, "The user.", .json(Self.user))], errors: [.notFound, .conflict],
                .blocking { call in
                    let (identity, name) = (try accounts.confirmed(call), try call[Self.userName])
                    let change = try call.body { json in
                        Accounts.Change(
                            role: Self.role(json), isDisabled: json["disabled"]?.bool,
                            password: json["password"]?.string)
                    }
                    try accounts.change(name, change, by: identity, .init(call.request))
                    return try user(name, .ok)
                }),
            Operation(
                .delete, "/users/{name}", id: "removeUser", "Removes a user.", access: .role(.admin),
                parameters: [Self.userName], returns: [.init(.noContent, "Done.")], errors: [.notFound, .conflict],
                .blocking { call in
                    try accounts.remove(try call[Self.userName], by: try accounts.confirmed(call), .init(call.request))
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    // MARK: - Tokens

    private var tokens: [Operation] {
        [
            Operation(
                .get, "/tokens", id: "listTokens", "Lists your tokens for programs; for an admin those of all.",
                access: .role(.viewer),
                returns: [
                    .init(
                        .ok, "In the order in which they were made.",
                        .json(.object([.required("tokens", .array(of: Self.token))])))
                ],
                .atOnce { call in
                    let identity = try accounts.identity(call)
                    return .json { json in
                        json.array("tokens") { list in
                            for token in accounts.tokens(of: identity.role == .admin ? nil : identity.account.name) {
                                list.object { write(token, to: &$0) }
                            }
                        }
                    }
                }),
            Operation(
                .post, "/tokens", id: "makeToken", "Makes a token for a program.", access: .role(.viewer),
                body: .json(
                    .object([
                        .required("name", .text(bytesMax: 64)), .required("role", Self.role),
                        .required("days", .integer(1...3_650)),
                    ]), bytesMax: Self.bodyBytesMax),
                returns: [.init(.created, "The token, with its text, which is not shown again.", .json(Self.newToken))],
                errors: [.conflict],
                .blocking { call in
                    let identity = try accounts.confirmed(call)
                    let (name, role, days) = try call.body { json in
                        (json["name"]?.string ?? "", Self.role(json) ?? .viewer, json["days"]?.int64 ?? 1)
                    }
                    guard !name.isEmpty else {
                        throw Problem(.unprocessableContent, "a token has a name", part: "/name").refusal
                    }
                    let made = try accounts.makeToken(name, role, days: Int(days), for: identity, .init(call.request))
                    return .json(.created) { json in
                        write(made.token, to: &json)
                        json.member("token", made.text)
                    }
                }),
            Operation(
                .delete, "/tokens/{id}", id: "removeToken", "Takes a token away.", access: .role(.viewer),
                parameters: [Self.id], returns: [.init(.noContent, "Done.")], errors: [.notFound],
                .blocking { call in
                    try accounts.removeToken(
                        Int64(try call[Self.id]), by: try accounts.identity(call), .init(call.request))
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    // MARK: - The audit log

    private static let limit = Parameter("limit", in: .query, .integer(1...200), default: 50, "How many.")
    private static let beforeNumber = Parameter(
        "before", in: .query, optional: .integer(0...Int.max), "Only entries before the one of this number.")
    private static let byUser = Parameter("user", in: .query, optional: .text(bytesMax: 64), "Only those of this user.")
    private static let byAction = Parameter(
        "action", in: .query, optional: .text(bytesMax: 64), "Only those of this action.")

    private var log: [Operation] {
        [
            Operation(
                .get, "/audit", id: "listAudit", "Tells who did what.", access: .role(.admin),
                parameters: [Self.beforeNumber, Self.limit, Self.byUser, Self.byAction],
                returns: [
                    .init(
                        .ok, "The newest first, and where to go on.",
                        .json(
                            .object([
                                .required("entries", .array(of: Self.entry)), .required("next", .nullable(.integer())),
                            ])))
                ],
                .blocking { call in
                    let limit = try call[Self.limit]
                    let entries = try accounts.audit.entries(
                        before: try call[Self.beforeNumber].map(Int64.init), account: try call[Self.byUser],
                        action: try call[Self.byAction], limit: limit)
                    return .json { json in
                        json.array("entries") { list in
                            for entry in entries { list.object { Self.write(entry, to: &$0) } }
                        }
                        json.member("next", entries.count == limit ? entries.last?.number : nil)
                    }
                })
        ]
    }

    // MARK: - Answers

    private func answer(_ status: HTTPStatus, _ logIn: Accounts.LogIn) -> Answer {
        .json(status, fields: ["set-cookie": cookie(logIn.key)]) { write(logIn.identity, to: &$0) }
    }

    /// - Parameter key: nil takes the cookie away.
    private func cookie(_ key: String?) -> String {
        let age = key == nil ? 0 : accounts.options.sessionAgeSeconds
        return "\(accounts.options.cookieName)=\(key ?? ""); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(age)"
            + (accounts.options.isEncrypted ? "; Secure" : "")
    }

    private func user(_ name: String, _ status: HTTPStatus) throws -> Answer {
        guard let entry = accounts.list().first(where: { $0.account.name == name }) else {
            throw Problem(.notFound, "there is no user of that name").refusal
        }
        return .json(status) { write(entry, to: &$0) }
    }

    private func write(_ identity: Identity, to json: inout JSONWriter) {
        let expires: Int64
        json.member("user", identity.account.name)
        json.member("role", identity.role.rawValue)
        switch identity.proof {
        case .session(let session):
            json.member("kind", "session")
            expires = session.createdAt + accounts.options.sessionAgeSeconds
        case .token(let token):
            json.member("kind", "token")
            expires = token.expiresAt
        }
        json.member("expires", Self.time(expires))
        json.member("has_password", !identity.account.passwordHash.isEmpty)
        json.member("confirmed_until", accounts.confirmedUntil(identity).map(Self.time))
    }

    private func write(_ session: Session, isCurrent: Bool, to json: inout JSONWriter) {
        json.member("id", session.id)
        json.member("created", Self.time(session.createdAt))
        json.member("used", Self.time(session.usedAt))
        json.member("address", session.address)
        json.member("agent", session.agent)
        json.member("current", isCurrent)
    }

    private func write(_ entry: (account: Account, sessions: Int, tokens: Int), to json: inout JSONWriter) {
        json.member("name", entry.account.name)
        json.member("role", entry.account.role.rawValue)
        json.member("disabled", entry.account.isDisabled)
        json.member("created", Self.time(entry.account.createdAt))
        json.member("logged_in", entry.account.loggedInAt.map(Self.time))
        json.member("has_password", !entry.account.passwordHash.isEmpty)
        json.member("sessions", entry.sessions)
        json.member("tokens", entry.tokens)
    }

    private func write(_ token: Token, to json: inout JSONWriter) {
        json.member("id", token.id)
        json.member("user", token.account)
        json.member("name", token.name)
        json.member("role", token.role.rawValue)
        json.member("created", Self.time(token.createdAt))
        json.member("expires", Self.time(token.expiresAt))
        json.member("used", token.usedAt.map(Self.time))
    }

    private static func write(_ entry: AuditLog.Entry, to json: inout JSONWriter) {
        json.member("seq", entry.number)
        json.member("time", time(entry.time))
        json.member("user", entry.account)
        json.member("role", entry.role)
        json.member("address", entry.address)
        json.member("action", entry.action)
        json.member("target", entry.target)
        json.member("before", entry.before)
        json.member("after", entry.after)
        json.member("result", entry.result)
    }

    private static func time(_ seconds: Int64) -> String {
        UTCTimestamp(seconds: seconds).description
    }

    private static func role(_ json: JSONNode) -> Role? { json["role"]?.string.flatMap(Role.init(rawValue:)) }

    // MARK: - Forms

    private static let bodyBytesMax = 8_192
    private static let id = Parameter("id", in: .path, .integer(0...Int.max), "Its number.")
    private static let userName = Parameter("name", in: .path, .text(bytesMax: 64), "The user's name.")
    private static let name = JSONSchema.text(bytesMax: 64)
    private static let password = JSONSchema.text(bytesMax: 1_024, format: "password")
    private static let role = JSONSchema.choice(Role.allCases.map(\.rawValue))
    private static let moment = JSONSchema.text(format: "date-time")

    private static let session = JSONSchema.named(
        "Session",
        .object([
            .required("user", .text()), .required("role", role), .required("kind", .choice(["session", "token"])),
            .required("expires", moment), .required("has_password", .boolean),
            .required("confirmed_until", .nullable(moment)),
        ]))
    private static let place = JSONSchema.named(
        "SessionPlace",
        .object([
            .required("id", .integer()), .required("created", moment), .required("used", moment),
            .required("address", .text()), .required("agent", .text()), .required("current", .boolean),
        ]))
    private static let user = JSONSchema.named(
        "User",
        .object([
            .required("name", .text()), .required("role", role), .required("disabled", .boolean),
            .required("created", moment), .required("logged_in", .nullable(moment)),
            .required("has_password", .boolean),
            .required("sessions", .integer()), .required("tokens", .integer()),
        ]))
    private static let tokenMembers: [JSONSchema.Member] = [
        .required("id", .integer()), .required("user", .text()), .required("name", .text()), .required("role", role),
        .required("created", moment), .required("expires", moment), .required("used", .nullable(moment)),
    ]
    private static let token = JSONSchema.named("Token", .object(tokenMembers))
    private static let newToken = JSONSchema.named("NewToken", .object(tokenMembers + [.required("token", .text())]))
    private static let entry = JSONSchema.named(
        "AuditEntry",
        .object([
            .required("seq", .integer()), .required("time", moment), .required("user", .text()),
            .required("role", .text()), .required("address", .text()), .required("action", .text()),
            .required("target", .text()), .required("before", .nullable(.text())),
            .required("after", .nullable(.text())),
            .required("result", .text()),
        ]))
}
