import JSON

extension EventType {
    /// The set-up of an SSH connection: the versions of both sides, and how they negotiate.
    static let ssh = EventType(
        name: "ssh", types: ["protocol"], protocolName: "ssh", sourceIsServer: { $0.isSent(fromPort: 22) },
        objects: ["ssh"],
        map: { ssh, mapping in
            for side in [ssh["client"], ssh["server"]] {
                if let hash = side?["hassh"]?["hash"] { mapping.apply(.relatedHash, to: hash) }
            }
        })
}
