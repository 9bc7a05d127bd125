extension EventType {
    /// HTTP/2 where it is an event type of its own.
    static let http2 = EventType(
        name: "http2", categories: ["network", "web"], types: ["access", "protocol"], protocolName: "http",
        applicationName: "http2", subject: "http")
}
