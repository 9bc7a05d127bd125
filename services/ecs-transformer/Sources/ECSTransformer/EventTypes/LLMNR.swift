import JSON

extension EventType {
    /// Names asked for among neighbours (RFC 4795), in the layout of DNS.
    static let llmnr = EventType(
        name: "llmnr", types: ["protocol"], protocolName: "llmnr", sourceIsServer: { $0.isSent(fromPort: 5355) },
        objects: ["llmnr"],
        map: { llmnr, mapping in
            mapping.mapDNSMessage(llmnr, isAnswer: nil)
        })
}
