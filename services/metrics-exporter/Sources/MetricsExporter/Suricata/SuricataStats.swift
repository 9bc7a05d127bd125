import EventContract
import JSON

/// What one stats event says, reduced to what is shown.
struct SuricataStats: Equatable {
    /// The time of the event, in nanoseconds since the epoch.
    var time: Int64
    /// For how long Suricata had been running, in seconds.
    var uptimeSeconds: Int64
    /// The counters since Suricata's start.
    var counters: [SuricataSeries: UInt64] = [:]
    /// Memory use in bytes, by component.
    var memoryBytes: [String: UInt64] = [:]
    /// Rules by what became of them.
    var rules: [String: UInt64] = [:]
    var activeFlows: UInt64?
    var activeTCPSessions: UInt64?
    /// The use of the memory that is used most, as a share of its bound.
    var memoryCapPressure: Double?

    /// The most members that one `*` of a path stands for; Suricata has about 40 protocols.
    private static let membersMax = 128
    /// The longest name of a protocol that becomes a label, in bytes.
    private static let nameBytesMax = 32

    /// Reads a line; nil when it is no stats event.
    init?(_ line: some Collection<UInt8>) {
        var tree = JSONTree()
        let bytes = Array(line)
        let stats = bytes.withUnsafeBytes { bytes -> SuricataStats? in
            guard let event = try? tree.parse(bytes), let stats = event["stats"], stats.kind == .object,
                let timestamp = event["timestamp"], let time = EventTime.parse(timestamp),
                let uptime = stats["uptime"]?.int64
            else { return nil }
            return SuricataStats(stats, time: time, uptimeSeconds: uptime)
        }
        guard let stats else { return nil }
        self = stats
    }

    private init(_ stats: JSONNode, time: Int64, uptimeSeconds: Int64) {
        self.time = time
        self.uptimeSeconds = uptimeSeconds
        for counter in SuricataCounter.all {
            for place in counter.places { collect(counter.name, place.path[...], place.labels, in: stats) }
        }
        for (path, component) in SuricataCounter.memoryPlaces {
            memoryBytes[component] = Self.node(path, in: stats)?.uint64
        }
        if let engines = stats["detect"]?["engines"] {
            for engine in engines.elements {
                for state in ["loaded", "failed", "skipped"] {
                    guard let count = Self.node(["rules_" + state], in: engine)?.uint64 else { continue }
                    rules[state] = (rules[state] ?? 0) &+ count
                }
            }
        }
        activeFlows = stats["flow"]?["active"]?.uint64
        activeTCPSessions = stats["tcp"]?["active_sessions"]?.uint64
        // Suricata 8 has it as an object.
        let pressure = stats["memcap_pressure"] ?? stats["memcap"]?["pressure"]
        memoryCapPressure = pressure?.uint64.map { Double($0) / 100 }
    }

    private mutating func collect(
        _ name: String, _ path: ArraySlice<String>, _ labels: [String], in node: JSONNode
    ) {
        guard let step = path.first else {
            guard let value = node.uint64 else { return }
            let series = SuricataSeries(name: name, labels: labels)
            // Some protocols have one counter over TCP and one over UDP.
            counters[series] = (counters[series] ?? 0) &+ value
            return
        }
        if step != "*" {
            if let next = Self.node([step], in: node) { collect(name, path.dropFirst(), labels, in: next) }
            return
        }
        for member in node.members.prefix(Self.membersMax) {
            guard let key = member.key.string, key.utf8.count <= Self.nameBytesMax, !key.contains("/"),
                !key.hasSuffix("_delta")
            else {
                continue
            }
            let isTransport = key.hasSuffix("_tcp") || key.hasSuffix("_udp")
            collect(name, path.dropFirst(), labels + [isTransport ? String(key.dropLast(4)) : key], in: member.value)
        }
    }

    private static func node(_ path: [String], in root: JSONNode) -> JSONNode? {
        var node = root
        for name in path {
            guard let next = node.members.first(where: { $0.key.content.elementsEqual(name.utf8) }) else { return nil }
            node = next.value
        }
        return node
    }
}
