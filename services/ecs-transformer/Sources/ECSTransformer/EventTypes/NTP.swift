extension EventType {
    /// A request for the time or the answer to one.
    static let ntp = EventType(
        name: "ntp", types: ["protocol"], protocolName: "ntp",
        sourceIsServer: { $0.isSent(fromPort: 123) || $0["ntp"]?["mode"]?.wholeNumber == 4 },
        objects: ["ntp"])
}
