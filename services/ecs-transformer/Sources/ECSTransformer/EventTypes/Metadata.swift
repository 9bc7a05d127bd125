extension EventType {
    /// Variables that rules have set on a flow or a packet.
    static let metadata = EventType(name: "metadata", sourceIsServer: { $0.isSentFromServicePort() })
}
