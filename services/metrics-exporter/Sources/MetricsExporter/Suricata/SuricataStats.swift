import EventContract
import JSON

/// What one stats event says, reduced to what is shown.
struct SuricataStats: Equatable {
    /// The time of the event, in nanoseconds since the epoch.
    var time: Int64
    /// For how long Suricata had been running, in seconds.
    var uptimeSeconds: Int64
    /// The host that the event names, empty when it names none: several Suricatas may write as one sensor.
    var host: String
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
    /// How many numbers cannot be what they should be, as counters below zero; they are not in here otherwise.
    var impossibleValues: UInt64 = 0
    /// How many values are summed as `other`, because there are too many names, or odd ones.
    var valuesSummed = 0

    /// No counter gets beyond this: it is what a counter below zero looks like when it is written without its sign.
    static let countMax = UInt64(Int64.max)
    /// The most names that a `*` of a path stands for, by its depth: Suricata has about 45 protocols, with 4 kinds of
    /// errors. The rest is summed as `other`.
    private static let namesMax = [64, 8]
    /// The longest name of a protocol that becomes a label, in bytes, and that of a host.
    private static let nameBytesMax = 32
    private static let hostBytesMax = 256

    /// Reads a line; nil when it is no stats event.
    init?(_ line: some Collection<UInt8>) {
        var tree = JSONTree()
        let bytes = Array(line)
        let stats = bytes.withUnsafeBytes { bytes -> SuricataStats? in
            guard let event = try? tree.parse(bytes), let stats = event["stats"], stats.kind == .object,
                let timestamp = event["timestamp"], let time = EventTime.parse(timestamp),
                let uptime = stats["uptime"]?.int64
            else { return nil }
            let host = event["host"]?.string ?? ""
            return SuricataStats(
                stats, time: time, uptimeSeconds: uptime, host: host.utf8.count <= Self.hostBytesMax ? host : "")
        }
        guard let stats else { return nil }
        self = stats
    }

    private init(_ stats: JSONNode, time: Int64, uptimeSeconds: Int64, host: String) {
        (self.time, self.uptimeSeconds, self.host) = (time, uptimeSeconds, host)
        for counter in SuricataCounter.all {
            for place in counter.places { collect(counter.name, place.path[...], place.labels, in: stats) }
        }
        for (path, component) in SuricataCounter.memoryPlaces {
            memoryBytes[component] = count(Self.node(path, in: stats))
        }
        if let engines = stats["detect"]?["engines"] {
            for engine in engines.elements {
                for state in ["loaded", "failed", "skipped"] {
                    guard let count = count(Self.node(["rules_" + state], in: engine)) else { continue }
                    rules[state] = sum(rules[state], count)
                }
            }
        }
        activeFlows = count(stats["flow"]?["active"])
        activeTCPSessions = count(stats["tcp"]?["active_sessions"])
        // Suricata 8 has it as an object.
        let pressure = stats["memcap_pressure"] ?? stats["memcap"]?["pressure"]
        memoryCapPressure = count(pressure).map { Double($0) / 100 }
    }

    private mutating func collect(
        _ name: String, _ path: ArraySlice<String>, _ labels: [String], in node: JSONNode
    ) {
        guard let step = path.first else {
            guard let value = count(node) else { return }
            // Some protocols have one counter over TCP and one over UDP.
            let series = SuricataSeries(name: name, labels: labels)
            counters[series] = sum(counters[series], value)
            return
        }
        if step != "*" {
            if let next = Self.node([step], in: node) { collect(name, path.dropFirst(), labels, in: next) }
            return
        }
        let namesMax = Self.namesMax[min(labels.count, Self.namesMax.count - 1)]
        var names: Set<String> = []
        for member in node.members {
            guard let key = member.key.string, !key.hasSuffix("_delta") else { continue }
            let isTransport = key.hasSuffix("_tcp") || key.hasSuffix("_udp")
            var label = isTransport ? String(key.dropLast(4)) : key
            if !names.contains(label) {
                if names.count < namesMax, label.utf8.count <= Self.nameBytesMax, !label.contains("/") {
                    names.insert(label)
                } else {
                    label = SuricataSeries.other
                    valuesSummed &+= 1
                }
            }
            collect(name, path.dropFirst(), labels + [label], in: member.value)
        }
    }

    /// The value of a counter; nil for none, and for one that cannot be.
    private mutating func count(_ node: JSONNode?) -> UInt64? {
        guard let node, node.kind == .integer else { return nil }
        if let value = node.uint64, value <= Self.countMax { return value }
        impossibleValues &+= 1
        return nil
    }

    private mutating func sum(_ sum: UInt64?, _ value: UInt64) -> UInt64? {
        // Neither is beyond the bound, so that this cannot overflow.
        let new = (sum ?? 0) + value
        if new <= Self.countMax { return new }
        impossibleValues &+= 1
        return sum
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
