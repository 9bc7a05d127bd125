extension EventType {
    /// The name under which Suricata 6 and older wrote IKE.
    static let ikev2 = EventType(
        name: "ikev2", types: ["protocol"], protocolName: "ike", sourceIsServer: { $0.isSent(fromPort: 500) },
        subject: "ike")
}
