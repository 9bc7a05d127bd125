extension EventType {
    /// The sample protocol of Suricata's sources, which its tests use.
    static let template = EventType(name: "template")
}
