import AgentContract

/// Has the agent of this host start services anew.
struct AgentRestarts: ServiceRestarts {
    let agent: AgentClient

    var isPossible: Bool { (try? agent.state()) != nil }

    func restart(_ service: String, by user: String) throws {
        _ = try agent.begin(.restart(.service(service)), by: user)
    }
}
