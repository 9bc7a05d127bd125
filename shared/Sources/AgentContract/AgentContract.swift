/// How a service speaks to the agent of its host, which may do what a container may not: look at units and containers, and
/// start them anew.
///
/// HTTP/1.1 over a socket in the file system, bodies of JSON. There is no free text in any request that could become a part
/// of a command: an ``AgentVerb`` is one of a few words with arguments of a fixed form.
///
///     GET  /v1/state                          an AgentState
///     GET  /v1/jobs/{id}                      an AgentJob
///     GET  /v1/logs?target=…&lines=…          an AgentLog
///     POST /v1/…, one path for each verb      202 and the AgentJob that was begun
///
/// What the agent refuses it answers with `application/problem+json` (RFC 9457): 404 for a target or a job that it does not
/// have, 409 while a job of the target runs. It asks the kernel who connects (`SO_PEERCRED`) and writes down each verb itself.
public enum AgentContract {
    /// The socket where nobody says otherwise. Containers get its folder, since the file is another one after each start.
    public static let socketPath = "/run/ids-suite/agent.sock"
    /// The permissions of the socket: for its owner, and for the group of whoever may steer the host.
    public static let socketMode: UInt32 = 0o660

    /// Bytes of an answer.
    public static let answerBytesMax = 1 << 20
    /// Bytes of one text in an answer; what is longer is cut.
    public static let textBytesMax = 1_024
    /// Units and containers together.
    public static let workloadsMax = 128
    /// Jobs that the agent remembers, those of before its start not among them.
    public static let jobsMax = 50
    /// Lines of a log that are sent at most.
    public static let logLinesMax = 500
    /// Lines that a job tells at most, its newest.
    public static let jobLinesMax = 100
}

/// An answer of the agent that is not what the contract says.
public struct AgentContractError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The member that is missing or of another kind.
    public let member: String

    /// For people.
    public var description: String { "the agent's answer has no valid \(member)" }
}
