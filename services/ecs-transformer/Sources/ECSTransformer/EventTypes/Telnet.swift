extension EventType {
    /// Telnet, which Suricata recognises but does not parse.
    static let telnet = EventType(
        name: "telnet", types: ["protocol"], protocolName: "telnet", sourceIsServer: { $0.isSent(fromPort: 23) })
}
