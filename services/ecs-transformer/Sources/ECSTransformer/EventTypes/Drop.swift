extension EventType {
    /// A packet that Suricata dropped, running inline. What the packet's header held is in `suricata.eve`.
    static let drop = EventType(
        name: "drop", types: ["denied", "connection"], action: "drop", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["drop"], rules: ["reason": .text(.eventReason)])
}
