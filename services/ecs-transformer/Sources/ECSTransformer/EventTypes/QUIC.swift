import JSON

extension EventType {
    /// The handshake of a QUIC connection.
    static let quic = EventType(
        name: "quic", types: ["protocol"], protocolName: "quic", sourceIsServer: { $0.isSentFromServicePort() },
        objects: ["quic"], rules: ["ja4": .relatedHash],
        map: { quic, mapping in
            mapping.mapUserAgent(quic["ua"])
            if let name = mapping.hostName(quic["sni"]) {
                mapping.document.set(.tlsClientServerName, name)
                mapping.setServerDomain(name)
            }
            if let hash = quic["ja3"]?["hash"] { mapping.apply(.hash(.tlsClientJA3), to: hash) }
            if let hash = quic["ja3s"]?["hash"] { mapping.apply(.hash(.tlsServerJA3S), to: hash) }
            if mapping.isOwnObject {
                mapping.document.set(.networkTransport, "udp")
                mapping.document.set(.networkIANANumber, "17")
            }
        })
}
