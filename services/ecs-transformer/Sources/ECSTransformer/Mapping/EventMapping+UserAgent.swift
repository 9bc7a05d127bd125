import JSON

extension EventMapping {
    /// Maps the name that a client gives itself, and what it says about the program and its system.
    mutating func mapUserAgent(_ node: JSONNode?) {
        guard let node, let text = node.encodedString else { return }
        document.set(.userAgentOriginal, text)
        let agent = UserAgent(document.decoded(node))
        if let name = agent.name { document.set(.userAgentName, document.encoded(name)) }
        if let version = agent.version { document.set(.userAgentVersion, document.encoded(version)) }
        document.set(.userAgentDeviceName, document.encoded(agent.device))
        guard let system = agent.systemName else { return }
        document.set(.userAgentOSName, system)
        guard let version = agent.systemVersion else { return document.set(.userAgentOSFull, system) }
        let number = document.encoded(document.replacing("_", by: ".", in: version))
        document.set(.userAgentOSVersion, number)
        document.set(.userAgentOSFull, document.joined(system, EncodedText(" "), number))
    }
}
