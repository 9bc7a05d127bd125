extension EventType {
    /// IMAP, which Suricata tells apart but does not take apart.
    static let imap = EventType(
        name: "imap", types: ["protocol"], protocolName: "imap", sourceIsServer: { $0.isSent(fromPort: 143) })
}
