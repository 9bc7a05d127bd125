extension EventType {
    /// A question to a name server inside HTTP/2. Its objects are those of both protocols.
    static let doh2 = EventType(
        name: "doh2", types: ["protocol"], protocolName: "dns", applicationName: "doh2", subject: "dns")
}
