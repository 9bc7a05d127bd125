import JSON

// Names of hosts.
extension EventMapping {
    /// The name of a host without a dot at its end; nil where there is none.
    func hostName(_ node: JSONNode?) -> EncodedText? { node?.encodedString?.withoutTrailingDot.nonEmpty }

    /// Adds a name to `related.hosts` if it can be that of a host, and an address to `related.ip`.
    mutating func appendHost(_ node: JSONNode?) {
        if let text = node?.encodedString { appendHost(text) }
    }

    /// Adds a name to `related.hosts` if it can be that of a host, and an address to `related.ip`.
    mutating func appendHost(_ text: EncodedText) {
        let name = text.withoutTrailingDot
        if name.isHostName { document.append(.relatedHosts, name) } else { appendAddress(name) }
    }

    /// Maps the name of the server that a client of TLS asked for.
    mutating func mapServerName(_ node: JSONNode?) {
        guard let name = hostName(node) else { return }
        document.set(.tlsClientServerName, name)
        setServerDomain(name)
    }
}
