extension EventType {
    /// What Suricata's TCP engine made of a packet.
    static let streamTCP = EventType(
        name: "stream_tcp", sourceIsServer: { $0.isSentFromServicePort() }, objects: ["stream_tcp"],
        rules: ["reason": .text(.eventReason)])
}
