extension EventType {
    /// IMAP, which Suricata recognises but does not parse.
    static let imap = EventType(
        name: "imap", types: ["protocol"], protocolName: "imap", sourceIsServer: { $0.isSent(fromPort: 143) })
}
