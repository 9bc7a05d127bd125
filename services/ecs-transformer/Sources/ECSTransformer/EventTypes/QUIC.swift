import JSON

extension EventType {
    /// The handshake of a QUIC connection.
    static let quic = EventType(
        name: "quic", types: ["protocol"], protocolName: "quic", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["quic"], rules: ["ja4": .relatedHash],
        map: { quic, mapping in
            mapping.mapUserAgent(quic["ua"])
            mapping.mapServerName(quic["sni"])
            mapping.mapJA3(quic)
            if mapping.isOwnObject {
                mapping.document.set(.networkTransport, "udp")
                mapping.document.set(.networkIANANumber, "17")
            }
        })
}
