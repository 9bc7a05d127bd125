extension EventType {
    /// A packet that a rule had recorded, as it was on the wire.
    static let packet = EventType(name: "packet", sourceIsServer: { $0.isSentFromServicePort() })
}
