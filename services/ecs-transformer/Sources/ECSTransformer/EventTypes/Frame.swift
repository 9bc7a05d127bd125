extension EventType {
    /// A piece of a protocol's message, as Suricata's parser has cut it.
    static let frame = EventType(
        name: "frame",
        sourceIsServer: { $0["frame"]?["direction"]?.isEqual(to: "toclient") ?? false }, objects: ["frame"])
}
