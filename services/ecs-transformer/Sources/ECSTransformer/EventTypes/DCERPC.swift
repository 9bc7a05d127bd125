extension EventType {
    /// A remote procedure call of Windows, over a connection of its own.
    static let dcerpc = EventType(
        name: "dcerpc", types: ["protocol"], protocolName: "dcerpc",
        sourceIsServer: { $0.isSent(fromPort: 135) }, objects: ["dcerpc"], rules: ["request": .action])
}
