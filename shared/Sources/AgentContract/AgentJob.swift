public import JSON

/// Something that the agent was asked to do, and how far it is.
public struct AgentJob: Sendable, Equatable {
    /// How far a job is.
    public enum State: String, Sendable, CaseIterable {
        case running, done, failed
    }

    /// Its name, of the same form as an ``AgentTarget``'s service.
    public var id: String
    /// What is done, for people: `restart service:eve-reader`.
    public var title: String
    /// How far it is.
    public var state: State
    /// Who asked for it.
    public var user: String
    /// When it began, in seconds since 1970.
    public var startedAt: Int64
    /// When it ended; nil while it runs.
    public var endedAt: Int64?
    /// When the agent gives it up, in seconds since 1970.
    public var deadlineAt: Int64
    /// Why it has failed, in a sentence; nil otherwise.
    public var reason: String?
    /// What it has told, the newest last.
    public var lines: [String]

    /// A job with all that is said of it.
    public init(
        id: String, title: String, state: State, user: String, startedAt: Int64, endedAt: Int64? = nil,
        deadlineAt: Int64, reason: String? = nil, lines: [String] = []
    ) {
        (self.id, self.title, self.state, self.user) = (id, title, state, user)
        (self.startedAt, self.endedAt, self.deadlineAt) = (startedAt, endedAt, deadlineAt)
        (self.reason, self.lines) = (reason, lines)
    }

    /// Reads one from an answer.
    ///
    /// - Throws: ``AgentContractError``.
    public init(_ node: JSONNode) throws(AgentContractError) {
        id = try node.text("id")
        title = try node.text("title")
        state = try node.choice("state")
        user = try node.text("user")
        startedAt = try node.number("started_at")
        endedAt = try node.optional("ended_at", node.number)
        deadlineAt = try node.number("deadline_at")
        reason = try node.optional("reason", node.text)
        lines = try node.lines("lines", countMax: AgentContract.jobLinesMax)
    }
}

extension AgentJob: JSONWritable {
    /// Writes it for an answer.
    public func write(to writer: inout JSONWriter) {
        writer.object { json in
            json.member("id", id)
            json.member("title", title)
            json.member("state", state.rawValue)
            json.member("user", user)
            json.member("started_at", startedAt)
            json.member("ended_at", endedAt)
            json.member("deadline_at", deadlineAt)
            json.member("reason", reason)
            json.member("lines", lines)
        }
    }
}

/// What something has logged.
public struct AgentLog: Sendable, Equatable {
    /// The lines, the newest last.
    public var lines: [String]

    /// A log of these lines.
    public init(lines: [String]) {
        self.lines = lines
    }

    /// Reads it from an answer.
    ///
    /// - Throws: ``AgentContractError``.
    public init(_ node: JSONNode) throws(AgentContractError) {
        lines = try node.lines("lines", countMax: AgentContract.logLinesMax)
    }
}

extension AgentLog: JSONWritable {
    /// Writes it for an answer.
    public func write(to writer: inout JSONWriter) { writer.object { $0.member("lines", lines) } }
}
