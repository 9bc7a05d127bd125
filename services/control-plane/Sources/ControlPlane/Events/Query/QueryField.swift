import OpenSearch

/// A field that can be asked for: a short name, or that of a document's member.
struct QueryField: Sendable, Equatable {
    enum Kind: String, Sendable {
        /// Compared whole.
        case name
        /// Looked into by words.
        case words
        case number, port, address, time, boolean
    }

    /// As people write it.
    let name: String
    /// The members of a document that are meant; one with the value is enough.
    let paths: [String]
    let kind: Kind
    let meaning: String
    /// The paths as the bytes of their parts.
    let steps: [[[UInt8]]]

    init(_ name: String, _ kind: Kind, _ paths: String..., meaning: String) {
        self.init(name, kind, paths: paths, meaning: meaning)
    }

    private init(_ name: String, _ kind: Kind, paths: [String], meaning: String) {
        self.name = name
        self.kind = kind
        self.paths = paths
        self.meaning = meaning
        steps = paths.map { $0.split(separator: ".").map { Array($0.utf8) } }
    }

    static func == (left: Self, right: Self) -> Bool { left.name == right.name }

    static let timestamp = QueryField("time", .time, "@timestamp", meaning: "Time of the event")
    static let networkAddress = QueryField(
        "ip", .address, "source.ip", "destination.ip", meaning: "Address of either side, or a network")
    static let source = QueryField("src", .address, "source.ip", meaning: "Address that the traffic came from")
    static let destination = QueryField("dst", .address, "destination.ip", meaning: "Address that the traffic went to")
    static let signatureID = QueryField(
        "sid", .number, "suricata.eve.alert.signature_id", meaning: "Number of the rule")
    static let severity = QueryField(
        "sev", .number, "suricata.severity", meaning: "Severity of an alert: 1 is the worst")
    static let sensor = QueryField("sensor", .name, "observer.name", meaning: "Sensor that saw it")
    static let type = QueryField("type", .name, "suricata.eve.event_type", meaning: "Type of the event")
    static let alertAction = QueryField(
        "action", .name, "suricata.eve.alert.action", "suricata.eve.verdict.action",
        meaning: "What was done: allowed, blocked, drop, pass")
    static let direction = QueryField(
        "direction", .name, "network.direction", meaning: "inbound, outbound, internal or external")
    static let flow = QueryField("flow", .name, "suricata.eve.flow_id", meaning: "Number of the flow")
    static let packet = QueryField("packet", .name, "suricata.eve.packet", meaning: "The packet, when it was kept")

    /// The short names.
    static let named: [QueryField] = [
        networkAddress,
        source,
        destination,
        QueryField("port", .port, "source.port", "destination.port", meaning: "Port of either side"),
        QueryField("sport", .port, "source.port", meaning: "Port of the source"),
        QueryField("dport", .port, "destination.port", meaning: "Port of the destination"),
        QueryField("mac", .name, "source.mac", "destination.mac", meaning: "Hardware address of either side"),
        type,
        QueryField("sig", .words, "rule.name", meaning: "Words of the rule's text"),
        signatureID,
        severity,
        QueryField("category", .words, "rule.category", meaning: "Words of the rule's category"),
        alertAction,
        QueryField("proto", .name, "network.transport", meaning: "Transport: tcp, udp, icmp"),
        QueryField("app", .name, "network.protocol", meaning: "Protocol: dns, tls, http, ssh"),
        QueryField(
            "host", .name, "related.hosts", "source.domain", "destination.domain",
            meaning: "Any host name: looked up, asked for, or of either side"),
        QueryField("dns", .name, "dns.question.name", meaning: "Name that was looked up"),
        QueryField("sni", .name, "tls.client.server_name", meaning: "Name that a TLS client asked for"),
        QueryField("url", .words, "url.original", meaning: "Words of the address that was asked for"),
        QueryField("method", .name, "http.request.method", meaning: "Method of an HTTP request"),
        QueryField("status", .number, "http.response.status_code", meaning: "Status of an HTTP answer"),
        QueryField("ua", .words, "user_agent.original", meaning: "Words of the program's own name"),
        QueryField("user", .name, "related.user", meaning: "Name of a user"),
        QueryField("file", .words, "file.name", "file.path", meaning: "Words of a file's name"),
        QueryField("hash", .name, "related.hash", meaning: "Hash of a file, certificate or client"),
        QueryField(
            "country", .name, "source.geo.country_iso_code", "destination.geo.country_iso_code",
            meaning: "Country of either side, as two letters"),
        QueryField("asn", .number, "source.as.number", "destination.as.number", meaning: "Network operator's number"),
        sensor,
        flow,
        QueryField("cid", .name, "network.community_id", meaning: "Community id of the flow"),
        QueryField("ja4", .name, "suricata.eve.tls.ja4", meaning: "Fingerprint of a TLS client"),
        QueryField("bytes", .number, "network.bytes", meaning: "Bytes of the flow, both ways"),
        QueryField("vlan", .name, "network.vlan.id", meaning: "VLAN"),
        direction,
        timestamp,
    ]

    /// Other words for the same.
    private static let synonyms = [
        "net": "ip", "src_ip": "src", "dest_ip": "dst", "dst_ip": "dst", "dest": "dst", "src_port": "sport",
        "dest_port": "dport", "dst_port": "dport", "signature": "sig", "severity": "sev", "event_type": "type",
        "protocol": "app", "query": "dns",
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: named.map { ($0.name, $0) })
    private static let documentKinds = Dictionary(
        DocumentField.all.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })

    /// Why there is no such field.
    enum Missing: Error, Equatable {
        /// No document has it; perhaps another one was meant.
        case unknown(proposal: String?)
        /// Documents have it, but it cannot be searched.
        case unsearchable
    }

    /// The field of this name.
    static func find(_ name: String) throws(Missing) -> QueryField {
        let small = name.lowercased()
        if let field = byName[small] ?? synonyms[small].flatMap({ byName[$0] }) { return field }
        if let kind = documentKinds[name] { return try field(name, kind) }
        // Objects with any names below them.
        var parent = name[...]
        while let dot = parent.lastIndex(of: ".") {
            parent = parent[..<dot]
            if documentKinds[String(parent)] == .open { return try field(name, .keyword) }
        }
        throw .unknown(proposal: Proposal.nearest(to: small, among: names))
    }

    private static func field(_ name: String, _ kind: DocumentField.Kind) throws(Missing) -> QueryField {
        let kind: Kind =
            switch kind {
            case .keyword, .open: .name
            case .text: .words
            case .number: .number
            case .address: .address
            case .time: .time
            case .boolean: .boolean
            case .unsearchable: throw .unsearchable
            }
        return QueryField(name, kind, paths: [name], meaning: "")
    }

    /// All names, the short ones first.
    static let names: [String] =
        named.map(\.name) + DocumentField.all.filter { $0.kind != .unsearchable && $0.kind != .open }.map(\.name)
}
