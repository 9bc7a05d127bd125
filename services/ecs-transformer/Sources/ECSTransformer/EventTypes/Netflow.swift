extension EventType {
    /// One direction of a connection: what the source sent to the destination.
    static let netflow = EventType(
        name: "netflow", types: ["connection", "info"], sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["netflow"], rules: ["bytes": .number(.sourceBytes), "pkts": .number(.sourcePackets)],
        map: { netflow, mapping in
            mapping.document.copy(.sourceBytes, to: .networkBytes)
            mapping.document.copy(.sourcePackets, to: .networkPackets)
            mapping.mapPeriod(netflow)
        })
}
