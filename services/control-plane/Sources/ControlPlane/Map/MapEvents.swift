import EventContract
import JSON
import Networks
import Settings

/// Puts documents on the map: which of them are flows, requests and alerts, and between whom.
///
/// Of an event of a flow all bytes count. Everything else that has two ends is a request, which the end of its flow follows.
/// For one thread.
final class MapEvents {
    /// Types that are no exchange between two hosts, or tell one again that another type has told.
    private static let otherTypes = [
        "stats", "fileinfo", "anomaly", "netflow", "frame", "drop", "packet", "engine", Canary.eventType,
    ]
    private let networks: [MapSettings.Network]
    private let services: [IPAddress: MapSettings.Service]
    /// Whether the same address can be two hosts.
    private let areSensorsApart: Bool
    private let gateways: Set<IPAddress>
    /// Routers that DHCP servers have given out.
    private var learnedGateways: Set<MapGraph.Address> = []
    private static let learnedGatewaysMax = 256
    private var tree = JSONTree()
    private let skipped: JSONKeyTable

    init(_ settings: MapSettings) {
        networks = settings.networks
        services = Dictionary(
            (settings.services ?? []).map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        areSensorsApart = networks.contains { $0.sensor != nil }
        gateways = Set((settings.gateways ?? []).compactMap { IPAddress($0) })
        skipped = JSONKeyTable(Self.otherTypes, hash: tree.keyHash)
    }

    /// What became of a batch.
    struct Outcome {
        /// How many events it has that Suricata has seen.
        var events: Int
        /// The time of the newest event, in nanoseconds since the epoch.
        var newest: Int64
        var skipped = 0
        /// Requests over HTTP, for who follows those.
        var requests: [AccessLogLine] = []
    }

    /// Adds a batch to the open bucket.
    ///
    /// - Parameters:
    ///   - sampling: of so many documents one is looked at.
    ///   - time: seconds since the epoch.
    ///   - wantsRequests: whether somebody follows requests.
    func add(_ batch: DocumentBatch, to graph: inout MapGraph, sampling: Int, time: Int64, wantsRequests: Bool)
        -> Outcome
    {
        var outcome = Outcome(events: batch.count, newest: batch.header.lastTime)
        for index in 0..<batch.count {
            guard index % sampling == 0 else {
                outcome.skipped += 1
                continue
            }
            let document = batch.document(at: index)
            batch.withBytes { bytes in
                guard let root = try? tree.parse(UnsafeRawBufferPointer(rebasing: bytes[document.range])) else {
                    return
                }
                guard let eve = root["suricata"]?["eve"], let type = eve["event_type"] else { return }
                if type.string == Canary.eventType { outcome.events -= 1 }
                guard skipped.find(type.content) == nil else { return }
                let line = add(root, eve, type, document, to: &graph, time: time)
                if wantsRequests, let line { outcome.requests.append(line) }
            }
        }
        graph.count(events: outcome.events)
        return outcome
    }

    /// - Returns: the request, where the document is one over HTTP.
    private func add(
        _ root: JSONNode, _ eve: JSONNode, _ type: JSONNode, _ document: DocumentBatch.Document,
        to graph: inout MapGraph, time: Int64
    ) -> AccessLogLine? {
        if type.isEqual(to: "dns"), root["dns"]?["type"]?.isEqual(to: "query") ?? false { return nil }
        let (source, destination) = (root["source"], root["destination"])
        let network = root["network"]
        let name = (network?["protocol"] ?? network?["transport"])?.shortText ?? "ip"
        let sensor = areSensorsApart ? root["observer"]?["name"]?.string ?? "" : ""
        let alert = type.isEqual(to: "alert") ? eve["alert"] : nil
        let isFlow = type.isEqual(to: "flow")
        let isHTTP = type.isEqual(to: "http")
        // What has no ends at all is no exchange, but an alert is never left out.
        guard source != nil || destination != nil || alert != nil || isFlow else { return nil }
        if type.isEqual(to: "dhcp"), let dhcp = eve["dhcp"], dhcp["type"]?.isEqual(to: "reply") ?? false {
            if let routers = dhcp["routers"] {
                for router in routers.elements { learnGateway(router, sensor, &graph) }
            }
        }
        // An alert goes the way of its packet; all else goes from who asked.
        let isReversed = alert == nil && isSame(root["client"], destination) && !isSame(root["client"], source)
        let from = node(isReversed ? destination : source, sensor, &graph)
        let to = node(isReversed ? source : destination, sensor, &graph)
        var exchange = MapExchange(name: name, isAlert: alert != nil)
        let status = isHTTP ? root["http"]?["response"]?["status_code"]?.int64 : nil
        if let alert {
            exchange.severity = Int(min(max(alert["severity"]?.int64 ?? 3, 1), 3))
            exchange.isBad = true
        } else if isFlow {
            exchange.bytes = max(0, network?["bytes"]?.int64 ?? 0)
            exchange.milliseconds = (root["event"]?["duration"]?.int64).map { $0 / 1_000_000 }
        } else if let status {
            exchange.isBad = status >= 400
        }
        let edge = graph.add(exchange, from: from, to: to, time: time)
        if exchange.isBad { graph.add(incident(root, alert, status, document, edge: edge, time: time)) }
        guard isHTTP else { return nil }
        // Of a request that leaves or comes in, the own network of the two.
        let networks = [to, from].compactMap { graph.nodes[$0]?.key.network }
        return AccessLogLine(
            network: networks.first { !$0.isEmpty } ?? "", from: graph.nodes[from]?.name ?? "",
            to: graph.nodes[to]?.name ?? "", status: status, milliseconds: nil,
            method: text(root["http"]?["request"]?["method"]),
            path: text(root["url"]?["original"]), time: document.time)
    }

    private func incident(
        _ root: JSONNode, _ alert: JSONNode?, _ status: Int64?, _ document: DocumentBatch.Document, edge: Int,
        time: Int64
    ) -> MapIncident {
        let what: MapIncident.What
        if let alert {
            what = .alert(
                severity: Int(min(max(alert["severity"]?.int64 ?? 3, 1), 3)),
                signatureID: alert["signature_id"]?.int64 ?? 0, signature: text(alert["signature"]))
        } else {
            what = .error(
                method: text(root["http"]?["request"]?["method"]),
                path: text(root["url"]?["domain"]) + text(root["url"]?["original"]), status: status ?? 0)
        }
        return MapIncident(edge: edge, time: time, what: what, event: document.id.description)
    }

    private func isSame(_ side: JSONNode?, _ other: JSONNode?) -> Bool {
        guard let side, let other else { return false }
        return side["address"]?.raw.elementsEqual(other["address"]?.raw ?? .init(start: nil, count: 0)) ?? false
            && side["port"]?.int64 == other["port"]?.int64
    }

    private func text(_ node: JSONNode?) -> String {
        node?.shortText ?? ""
    }

    // MARK: - Who

    /// The node of one side of an event.
    private func node(_ side: JSONNode?, _ sensor: String, _ graph: inout MapGraph) -> Int {
        guard let side, let ip = side["ip"], let address = IPAddress(text: ip.content), !address.isUnspecified else {
            return graph.node(
                MapNode.Key(network: "", text: MapNode.unknownText), .unknown, name: "unknown", isOwn: false)
        }
        let seen = MapGraph.Address(address: address, sensor: sensor)
        if let known = graph.node(of: seen) {
            graph.hold(known)
            return known
        }
        let id = newNode(side, ip, address, sensor, &graph)
        graph.note(seen, is: id)
        return id
    }

    private func newNode(
        _ side: JSONNode, _ ip: JSONNode, _ address: IPAddress, _ sensor: String, _ graph: inout MapGraph
    ) -> Int {
        if let service = services[address] { return node(service: service.name, in: service.network, &graph) }
        let text = ip.string ?? ""
        if address.isMulticast {
            return graph.node(
                MapNode.Key(network: "", text: "multicast"), .multicast, name: "multicast", isOwn: false)
        }
        if let network = network(of: address, sensor) {
            return host(MapGraph.Address(address: address, sensor: sensor), text, in: network, &graph)
        }
        if let system = side["as"], let number = system["number"]?.int64 {
            let name = self.text(system["organization"]?["name"])
            return graph.node(
                MapNode.Key(network: "", text: "AS\(number)"), .asn, name: name.isEmpty ? "AS\(number)" : name,
                isOwn: false)
        }
        if let country = side["geo"]?["country_iso_code"]?.printable {
            let name = self.text(side["geo"]?["country_name"])
            return graph.node(
                MapNode.Key(network: "", text: String(country.prefix(2))), .country,
                name: name.isEmpty ? String(country.prefix(2)) : name, isOwn: false)
        }
        let range = address.surroundings
        return graph.node(MapNode.Key(network: "", text: range), .subnet, name: range, isOwn: false)
    }

    private func network(of address: IPAddress, _ sensor: String) -> String? {
        networks.first { $0.range.contains(address) && ($0.sensor == nil || $0.sensor == sensor) }?.name
    }

    /// The node of a host of an own network.
    func host(_ seen: MapGraph.Address, _ text: String, in network: String, _ graph: inout MapGraph) -> Int {
        let isGateway = gateways.contains(seen.address) || learnedGateways.contains(seen)
        return graph.node(
            MapNode.Key(network: network, text: text), isGateway ? .gateway : .host, name: text, isOwn: true)
    }

    /// Notes a router that a DHCP server has given out, if it is in an own network.
    private func learnGateway(_ router: JSONNode, _ sensor: String, _ graph: inout MapGraph) {
        guard learnedGateways.count < Self.learnedGatewaysMax, let address = IPAddress(text: router.content),
            network(of: address, sensor) != nil
        else { return }
        let seen = MapGraph.Address(address: address, sensor: sensor)
        guard learnedGateways.insert(seen).inserted, let known = graph.node(of: seen) else { return }
        graph.setGateway(known)
    }

    /// The node of a service.
    func node(service name: String, in network: String, _ graph: inout MapGraph) -> Int {
        graph.node(
            MapNode.Key(network: network, text: "service:" + name), .service, name: name,
            isOwn: networks.contains { $0.name == network })
    }

    /// The own network in which an address is, whatever sensor sees it; nil for none.
    func network(of address: IPAddress) -> String? {
        networks.first { $0.range.contains(address) }?.name
    }

    /// The name that an address was given; nil for none.
    func service(at address: IPAddress) -> MapSettings.Service? { services[address] }
}

extension JSONNode {
    /// Its text for people, cut after 200 Unicode scalars: a single character may have combining marks without end. Nil for
    /// what is no text.
    var shortText: String? {
        printable.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(200))) }
    }
}

extension IPAddress {
    /// Whether it means many hosts: multicast, and IPv4's broadcast.
    fileprivate var isMulticast: Bool {
        isIPv4 ? UInt32(truncatingIfNeeded: low) >= 0xE000_0000 : high >> 56 == 0xFF
    }

    /// The network in which it lies, of a size that one operator has: 16 bits of IPv4, 32 of IPv6.
    fileprivate var surroundings: String {
        guard isIPv4 else {
            return "\(String(high >> 48, radix: 16)):\(String(high >> 32 & 0xFFFF, radix: 16))::/32"
        }
        return "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).0.0/16"
    }
}
