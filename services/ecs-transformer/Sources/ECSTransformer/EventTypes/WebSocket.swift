extension EventType {
    /// A message over a connection that began as HTTP.
    static let websocket = EventType(
        name: "websocket", types: ["protocol"], protocolName: "websocket",
        sourceIsServer: { $0.isSentFromServicePort() }, objects: ["websocket"], rules: ["opcode": .action])
}
