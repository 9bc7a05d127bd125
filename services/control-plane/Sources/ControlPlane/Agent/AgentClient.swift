import AgentContract
import Glibc
import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Synchronization

/// The way to the agent of this host, which may or may not be there.
final class AgentClient: Sendable {
    private static let connectTimeoutMilliseconds = 1_000
    private static let requestTimeoutMilliseconds = 3_000
    /// How old a state may be: many pages ask, and each would have the agent ask systemd and Docker.
    private static let stateAgeMilliseconds = 1_000
    /// How long an agent that does not answer is left alone: each wait for it takes a thread from other requests.
    private static let failureAgeMilliseconds = 5_000

    private struct Look {
        let state: Result<AgentState, AgentError>
        let good: Deadline
    }

    private let socket: String
    private let look = Mutex<Look?>(nil)

    /// - Parameter socket: the path of the agent's socket.
    init(socket: String) {
        self.socket = socket
    }

    /// What the agent knows, or has known a moment ago.
    func state() throws(AgentError) -> AgentState {
        try look.withLock { look in
            if let look, !look.good.hasPassed { return look.state }
            let state = Result { () throws(AgentError) in try ask(.get, "/v1/state", AgentState.init) }
            var isFailing = false
            if case .failure(let error) = state { isFailing = error.code == .failing }
            look = Look(
                state: state,
                good: .milliseconds(isFailing ? Self.failureAgeMilliseconds : Self.stateAgeMilliseconds))
            return state
        }.get()
    }

    /// Has the agent begin to do something.
    ///
    /// - Parameter user: who wants it.
    func begin(_ verb: AgentVerb, by user: String) throws(AgentError) -> AgentJob {
        let job = try ask(.post, verb.path, body: verb.body(by: user), AgentJob.init)
        // Whoever looks next wants to see it.
        look.withLock { $0 = nil }
        return job
    }

    /// A job that was begun.
    func job(_ id: String) throws(AgentError) -> AgentJob {
        try ask(.get, "/v1/jobs/\(PercentEncoding.encode(id))", AgentJob.init)
    }

    /// What something has logged, the newest line last.
    func logs(of target: AgentTarget, lines: Int) throws(AgentError) -> [String] {
        let target = PercentEncoding.encode(target.description)
        return try ask(.get, "/v1/logs?target=\(target)&lines=\(lines)", AgentLog.init).lines
    }

    /// One request on a connection of its own: the agent may have been started anew since the last.
    private func ask<Value>(
        _ method: HTTPMethod, _ target: String, body: [UInt8]? = nil,
        _ read: (JSONNode) throws(AgentContractError) -> Value
    ) throws(AgentError) -> Value {
        guard access(socket, F_OK) == 0 else {
            throw AgentError(.absent, "No agent runs on this host.")
        }
        let response: ClientResponse
        do {
            var options = HTTPClient.Options(userAgent: "control-plane")
            options.unixSocket = socket
            options.connectTimeoutMilliseconds = Self.connectTimeoutMilliseconds
            options.requestTimeoutMilliseconds = Self.requestTimeoutMilliseconds
            options.responseBytesMax = AgentContract.answerBytesMax
            options.connectionsMax = 1
            let fields: HTTPFields = body == nil ? [:] : ["content-type": "application/json"]
            let request = ClientRequest(
                method, "http://agent\(target)", fields: fields, body: body.map(BytesBody.init), isRepeatable: false)
            response = try HTTPClient(options).answer(to: request)
        } catch {
            throw unanswered(error)
        }
        guard response.status < 300 else {
            let detail = try? parse(response.body) { $0["detail"]?.printable }
            throw AgentError(.refused(response.status), detail ?? "status \(response.status)")
        }
        do {
            return try parse(response.body, read)
        } catch {
            throw AgentError(.failing, "The agent's answer cannot be understood: \(error).")
        }
    }

    private func parse<Value>(
        _ body: [UInt8], _ read: (JSONNode) throws -> Value
    ) throws -> Value {
        var tree = JSONTree()
        return try body.withUnsafeBytes { try read(try tree.parse($0)) }
    }

    private func unanswered(_ error: HTTPError) -> AgentError {
        switch error.code {
        case .unreachable where access(socket, W_OK) != 0 && errno == EACCES:
            AgentError(.failing, "The agent's socket does not let control-plane in: it must be of its group.")
        case .unreachable: AgentError(.absent, "No agent runs on this host: it has left its socket behind.")
        case .timeout: AgentError(.failing, "The agent does not answer.")
        default: AgentError(.failing, "The agent does not answer as it should: \(error.message).")
        }
    }
}
