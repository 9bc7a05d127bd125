import JSON

extension EventType {
    /// Names asked for and announced on the local link (RFC 6762), in the layout of DNS with types in lower case.
    static let mdns = EventType(
        name: "mdns", types: ["protocol"], protocolName: "mdns", objects: ["mdns"]
    ) { mdns, mapping in
        mapping.mapDNSMessage(mdns, isAnswer: nil)
    }
}
