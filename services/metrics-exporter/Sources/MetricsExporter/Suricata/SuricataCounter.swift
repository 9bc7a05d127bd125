/// A counter of Suricata that is shown, and where the stats events of Suricata 6 to 8 have it.
///
/// Source: Suricata's user guide, "Statistics", and the events that Suricata 7.0 and 8.0 write.
struct SuricataCounter: Sendable {
    /// One place in a stats event.
    struct Place: Sendable {
        /// Names of members, from `stats` on. `*` stands for every member that there is.
        let path: [String]
        /// The values of the labels, in order; each `*` of the path adds the name of its member.
        let labels: [String]
    }

    /// The metric without `ids_suricata_` and `_total`.
    let name: String
    let help: String
    let labelNames: [String]
    let places: [Place]

    private init(_ name: String, _ help: String, labels: [String] = [], _ places: [(path: String, labels: [String])]) {
        self.name = name
        self.help = help
        labelNames = labels
        self.places = places.map { Place(path: $0.path.split(separator: ".").map(String.init), labels: $0.labels) }
    }

    private init(_ name: String, _ help: String, _ path: String) {
        self.init(name, help, [(path, [])])
    }

    static let all: [SuricataCounter] = [
        SuricataCounter("kernel_packets", "Packets that the kernel captured for Suricata.", "capture.kernel_packets"),
        SuricataCounter(
            "kernel_drops", "Packets that the kernel dropped because Suricata was too slow.", "capture.kernel_drops"),
        SuricataCounter("decoder_packets", "Packets that were decoded.", "decoder.pkts"),
        SuricataCounter("decoder_bytes", "Bytes of the packets that were decoded.", "decoder.bytes"),
        SuricataCounter("decoder_invalid", "Packets that could not be decoded.", "decoder.invalid"),
        SuricataCounter(
            "decoder_protocol_packets", "Packets with this protocol in them.", labels: ["protocol"],
            decoderProtocols.map { ("decoder.\($0)", [$0]) }),
        SuricataCounter("flows", "Flows that were seen.", "flow.total"),
        SuricataCounter(
            "protocol_flows", "Flows of this protocol.", labels: ["protocol"],
            ["tcp", "udp", "icmpv4", "icmpv6"].map { ("flow.\($0)", [$0]) }),
        SuricataCounter("flow_memory_cap", "Flows that found no memory within the bound.", "flow.memcap"),
        SuricataCounter(
            "flow_emergency_mode", "Times that flows were ended early for want of memory.", "flow.emerg_mode_entered"),
        SuricataCounter("detect_alerts", "Alerts.", "detect.alert"),
        SuricataCounter(
            "detect_alerts_suppressed", "Alerts that thresholds or suppressions kept back.", "detect.alerts_suppressed"),
        SuricataCounter(
            "detect_alert_queue_overflows", "Alerts that one packet had too many of.", "detect.alert_queue_overflow"),
        SuricataCounter("tcp_sessions", "TCP sessions that were followed.", "tcp.sessions"),
        SuricataCounter(
            "tcp_memory_cap_drops", "TCP sessions or segments that found no memory within the bound.",
            labels: ["kind"], [("tcp.ssn_memcap_drop", ["session"]), ("tcp.segment_memcap_drop", ["segment"])]),
        SuricataCounter("tcp_reassembly_gaps", "Gaps in TCP streams, from lost packets.", "tcp.reassembly_gap"),
        SuricataCounter(
            "defrag_fragments", "Fragments of IP packets.", labels: ["family"],
            [("defrag.ipv4.fragments", ["ipv4"]), ("defrag.ipv6.fragments", ["ipv6"])]),
        SuricataCounter(
            "ips_packets", "Packets by what Suricata did with them in line.", labels: ["verdict"],
            ["accepted", "blocked", "rejected", "replaced"].map { ("ips.\($0)", [$0]) }),
        SuricataCounter(
            "app_layer_flows", "Flows of this application protocol; `failed` where none was recognised.",
            labels: ["app_protocol"], [("app_layer.flow.*", [])]),
        SuricataCounter(
            "app_layer_transactions", "Transactions of this application protocol.", labels: ["app_protocol"],
            [("app_layer.tx.*", [])]),
        SuricataCounter(
            "app_layer_errors", "Errors of the parser of this application protocol.",
            labels: ["app_protocol", "kind"], [("app_layer.error.*.*", [])]),
    ]

    private static let decoderProtocols = [
        "ipv4", "ipv6", "arp", "ethernet", "tcp", "udp", "sctp", "icmpv4", "icmpv6", "esp", "gre", "vlan", "vlan_qinq",
        "ppp", "pppoe", "vxlan", "geneve", "teredo", "mpls", "erspan",
    ]

    /// Places of memory use, and the component that each belongs to.
    static let memoryPlaces: [(path: [String], component: String)] = [
        ("tcp.memuse", "tcp"), ("tcp.reassembly_memuse", "tcp_reassembly"), ("flow.memuse", "flow"),
        ("defrag.memuse", "defrag"), ("http.memuse", "http"), ("http.byterange.memuse", "http_byterange"),
        ("ftp.memuse", "ftp"), ("ippair.memuse", "ip_pair"), ("host.memuse", "host"),
        ("detect.thresholds.cache.memuse", "detect_thresholds"),
    ].map { ($0.0.split(separator: ".").map(String.init), $0.1) }
}
