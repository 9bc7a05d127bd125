import JSON

extension EventType {
    /// A request for a file, or for leave to send one.
    static let tftp = EventType(
        name: "tftp", types: ["protocol"], protocolName: "tftp", sourceIsServer: { $0.isSent(fromPort: 69) },
        objects: ["tftp"], rules: ["packet": .action],
        map: { tftp, mapping in
            mapping.setFilePath(tftp["file"])
        })
}
