/// The fields in which words without a field are looked for, and which the index knows.
enum SearchWords {
    /// How a field is searched.
    enum Mode {
        /// The value is the word, or begins with it.
        case whole
        /// Words within the value.
        case within
    }

    /// All are keywords in OpenSearch.
    static let fields: [(path: String, mode: Mode)] = [
        ("source.address", .whole), ("destination.address", .whole), ("source.mac", .whole),
        ("destination.mac", .whole), ("network.community_id", .whole), ("network.protocol", .whole),
        ("network.transport", .whole), ("observer.name", .whole), ("related.hash", .whole), ("rule.id", .whole),
        ("suricata.eve.event_type", .whole), ("suricata.eve.flow_id", .whole), ("suricata.eve.tls.ja4", .whole),
        ("related.hosts", .within), ("source.domain", .within), ("destination.domain", .within),
        ("dns.question.name", .within), ("dns.answers.data", .within), ("tls.client.server_name", .within),
        ("url.original", .within), ("user_agent.original", .within), ("related.user", .within),
        ("file.name", .within), ("file.path", .within), ("rule.name", .within), ("rule.category", .within),
        ("email.subject", .within), ("email.from.address", .within), ("email.to.address", .within),
    ]

    static let paths = Set(fields.map(\.path))
    static let pathsWithin = Set(fields.filter { $0.mode == .within }.map(\.path))

    /// Numbers that the index knows by a name before them, as `port:443`.
    static let numbers: [(path: String, name: String)] = [
        ("source.port", "port"), ("destination.port", "port"), ("suricata.eve.alert.signature_id", "sid"),
    ]
}
