import APIDescription
import HTTPTypes

/// Why the agent did not do or tell something.
struct AgentError: Error, Equatable, CustomStringConvertible {
    enum Code: Equatable {
        /// Nothing listens at its socket.
        case absent
        /// It listens, and did not answer in time, or not as the contract says: what it did is unknown.
        case failing
        /// It has refused, with this status.
        case refused(HTTPStatus)
    }

    let code: Code
    /// A sentence for people.
    let description: String

    init(_ code: Code, _ description: String) {
        (self.code, self.description) = (code, description)
    }

    /// As an answer of the API.
    var problem: Problem {
        switch code {
        // Not 503: no trying again helps where there is none.
        case .absent: Problem(.conflict, description)
        case .failing: Problem(.serviceUnavailable, description)
        case .refused(let status) where AgentAPI.refusals.contains(status): Problem(status, description)
        case .refused: Problem(.serviceUnavailable, "the agent refuses: \(description)")
        }
    }
}
