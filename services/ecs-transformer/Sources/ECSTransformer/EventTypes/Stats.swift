extension EventType {
    /// Counters of Suricata itself. They stay whole in `suricata.eve`: names of counters differ from version to version.
    static let stats = EventType(name: "stats", kind: "metric", categories: [], types: [], objects: [])
}
