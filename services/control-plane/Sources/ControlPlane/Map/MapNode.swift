import JSON

/// Somebody on the map: a host, a service, or all that is shown as one.
struct MapNode: Sendable {
    enum Kind: String, Sendable {
        /// An address of an own network.
        case host
        /// Such a host that is a router.
        case gateway
        /// What a proxy passes requests to, or an address that was given a name.
        case service
        /// Foreign addresses of one operator, of one country, or of one network where no more is known.
        case asn, country, subnet
        /// Multicast and broadcast.
        case multicast
        /// Who has no address, or asks a proxy and is known to nobody.
        case unknown
        /// All for which there is no room.
        case others
    }

    /// Who it is, over restarts, too.
    struct Key: Hashable, Sendable {
        /// The own network; empty for the rest of the world.
        let network: String
        /// Unique in that network.
        let text: String

        /// All of a network for which there is no room.
        static func others(of network: String) -> Key { Key(network: network, text: "others/" + network) }
    }

    let id: Int
    let key: Key
    var kind: Kind
    var name: String
    let isOwn: Bool
    /// The worst severity of alerts that nobody has triaged; 0 for none.
    var severity = 0
    /// The bucket in which it took part last.
    var lastBucket: Int
    /// The bucket of its last alert.
    var lastAlertBucket = Int.min / 2
    /// Edges to foreign nodes.
    var foreignEdges = 0
    var edges = 0

    /// Whether it is outside: neither a host nor a service.
    var isForeign: Bool { !isOwn && kind != .service }

    /// Whether it stays one node whatever comes, so that it takes no room.
    var isCollective: Bool {
        switch kind {
        case .others, .multicast: true
        case .unknown: key.text == Self.unknownText
        default: false
        }
    }

    static let unknownText = "unknown"
}

extension MapNode: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { node in
            node.member("id", id)
            node.member("key", key.text)
            node.member("kind", kind.rawValue)
            node.member("name", name)
            node.member("net", key.network)
            node.member("own", isOwn)
            node.member("sev", severity)
        }
    }
}

/// All that went from one node to another by one protocol.
struct MapEdge: Sendable {
    struct Key: Hashable, Sendable {
        let source: Int
        let destination: Int
        let name: String
    }

    let id: Int
    let key: Key
    var flows: Int64 = 0
    var bytes: Int64 = 0
    var bad: Int64 = 0
    /// The worst severity so far; 0 without an alert.
    var severity = 0
    /// Seconds since the epoch.
    var lastTime: Int64
    var lastBucket: Int
}

extension MapEdge: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { edge in
            edge.member("id", id)
            edge.member("s", key.source)
            edge.member("d", key.destination)
            edge.member("p", key.name)
            edge.member("n", flows)
            edge.member("b", bytes)
            edge.member("bad", bad)
            edge.member("sev", severity)
            edge.member("last", lastTime)
        }
    }

    mutating func add(_ pulse: Pulse) {
        flows &+= pulse.flows
        bytes &+= pulse.bytes
        bad &+= pulse.bad
        severity = worse(severity, pulse.severity)
    }

    /// What a bucket adds to an edge.
    struct Pulse: Sendable {
        private static let durationsMax = 32

        var flows: Int64 = 0
        var bytes: Int64 = 0
        var bad: Int64 = 0
        var severity = 0
        /// Some of the durations, in milliseconds.
        private(set) var durations: [Int64] = []

        mutating func add(_ exchange: MapExchange) {
            flows += exchange.isAlert ? 0 : 1
            bytes &+= exchange.bytes
            bad += exchange.isBad ? 1 : 0
            severity = worse(severity, exchange.severity)
            if let milliseconds = exchange.milliseconds, durations.count < Self.durationsMax {
                durations.append(milliseconds)
            }
        }

        var medianMilliseconds: Int64 {
            durations.isEmpty ? 0 : durations.sorted()[durations.count / 2]
        }
    }
}

/// The worse of two severities, of which 1 is the worst and 0 none.
func worse(_ left: Int, _ right: Int) -> Int {
    left == 0 ? right : right == 0 ? left : min(left, right)
}

/// One flow, request or alert, apart from who took part.
struct MapExchange: Sendable {
    /// The protocol.
    let name: String
    let isAlert: Bool
    var bytes: Int64 = 0
    /// An alert, or a request that was answered with an error.
    var isBad = false
    /// Of an alert, 1 the worst; else 0.
    var severity = 0
    var milliseconds: Int64?
}

/// Something bad, for the list beside the map.
struct MapIncident: Sendable {
    enum What: Sendable {
        case alert(severity: Int, signatureID: Int64, signature: String)
        case error(method: String, path: String, status: Int64)
    }

    let edge: Int
    /// Seconds since the epoch.
    let time: Int64
    let what: What
    /// The event's id; nil for what is no event.
    let event: String?

    var isAlert: Bool {
        if case .alert = what { true } else { false }
    }
}

extension MapIncident: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { incident in
            incident.member("edge", edge)
            incident.member("time", time)
            switch what {
            case .alert(let severity, let signatureID, let signature):
                incident.member("sev", severity)
                incident.member("sid", signatureID)
                incident.member("sig", signature)
            case .error(let method, let path, let status):
                incident.member("method", method)
                incident.member("path", path)
                incident.member("status", status)
            }
            incident.member("event", event)
        }
    }
}
