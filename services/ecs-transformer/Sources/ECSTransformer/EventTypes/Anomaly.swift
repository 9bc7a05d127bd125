import JSON

extension EventType {
    /// Something about a packet, a stream or a protocol's messages that should not be. What it was is in `event`, which
    /// old releases gave as the number `code` only.
    static let anomaly = EventType(
        name: "anomaly", sourceIsServer: { $0.isSentFromServicePort() }, objects: ["anomaly"],
        map: { anomaly, mapping in
            mapping.setAction(anomaly["event"])
            mapping.setCode(anomaly["event"] ?? anomaly["code"])
            if let name = anomaly["app_proto"]?.encodedString { mapping.setProtocol(name) }
        })
}
