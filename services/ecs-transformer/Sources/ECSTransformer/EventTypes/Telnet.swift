extension EventType {
    /// Telnet, which Suricata tells apart but does not take apart.
    static let telnet = EventType(
        name: "telnet", types: ["protocol"], protocolName: "telnet", sourceIsServer: { $0.isSent(fromPort: 23) })
}
