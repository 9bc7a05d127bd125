import EventContract
import JSON
import Lifecycle
import Networks
import Settings

/// A request that a Traefik proxy has passed on and written into its access log, version 2 or 3.
struct ProxyRequest: Sendable {
    let network: String
    let isPublic: Bool
    /// Who asked; nil when the log does not say so.
    let client: String?
    /// The name behind the client's address, where it is a service of the same proxy.
    var clientService: String?
    /// The service that answered, or the router or the proxy when no service did.
    let service: String
    /// The address of that service.
    let serviceAddress: String?
    let method: String
    let path: String
    let status: Int64
    let milliseconds: Double
    let bytes: Int64
    /// Nanoseconds since the epoch.
    let time: Int64

    /// Reads a line; nil when it is no request.
    init?(_ line: JSONNode, of proxy: MapSettings.Proxy, services: (String) -> String?) {
        guard let status = (line["DownstreamStatus"] ?? line["OriginStatus"])?.int64, status > 0 else { return nil }
        func text(_ node: JSONNode?) -> String? {
            node?.shortText.flatMap { $0.isEmpty || $0 == "-" ? nil : $0 }
        }
        (network, isPublic, self.status) = (proxy.network, proxy.isPublic, status)
        client = text(line["ClientHost"]) ?? text(line["ClientAddr"]).map(Self.host)
        let router = text(line["RouterName"])
        service =
            (text(line["ServiceName"]) ?? router.flatMap(services) ?? router).map(Self.plain) ?? proxy.network
            + "-proxy"
        serviceAddress = text(line["ServiceAddr"]).map(Self.host)
        method = text(line["RequestMethod"]) ?? ""
        path = text(line["RequestPath"]) ?? ""
        milliseconds = Double(max(0, line["Duration"]?.int64 ?? 0)) / 1_000_000
        bytes = max(0, line["DownstreamContentSize"]?.int64 ?? 0)
        time = (line["StartUTC"] ?? line["time"]).flatMap(EventTime.parse) ?? WallClock.nanoseconds()
    }

    /// A name without the provider behind it: `shop@docker`.
    static func plain(_ name: String) -> String { String(name.prefix { $0 != "@" }) }

    /// An address without its port.
    static func host(_ text: String) -> String {
        if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? String(parts[0]) : text
    }

    /// Puts the request on the map.
    func add(to graph: inout MapGraph, _ events: MapEvents, time now: Int64) -> AccessLogLine {
        let source = client(in: &graph, events)
        let destination = events.node(service: service, in: network, &graph)
        var exchange = MapExchange(name: "http", isAlert: false)
        (exchange.bytes, exchange.isBad, exchange.milliseconds) = (bytes, status >= 400, Int64(milliseconds))
        let edge = graph.add(exchange, from: source, to: destination, time: now)
        graph.count(events: 1)
        if exchange.isBad {
            graph.add(
                MapIncident(
                    edge: edge, time: now, what: .error(method: method, path: path, status: status), event: nil))
        }
        return AccessLogLine(
            network: network, from: graph.nodes[source]?.name ?? "", to: graph.nodes[destination]?.name ?? "",
            status: status, milliseconds: milliseconds, method: method, path: path, time: time)
    }

    /// Who asked: a service of this network, an address with a name, for a public proxy a host of an own network; else
    /// somebody outside of this network.
    private func client(in graph: inout MapGraph, _ events: MapEvents) -> Int {
        if let clientService { return events.node(service: clientService, in: network, &graph) }
        let address = client.flatMap { IPAddress($0) }
        if let service = address.flatMap(events.service) {
            return events.node(service: service.name, in: service.network, &graph)
        }
        if isPublic, let address, let own = events.network(of: address), let client {
            // Events may write the same address in another way.
            let seen = MapGraph.Address(address: address, sensor: "")
            if let known = graph.node(of: seen) {
                graph.hold(known)
                return known
            }
            let host = events.host(seen, client, in: own, &graph)
            graph.note(seen, is: host)
            return host
        }
        let text = client ?? MapNode.unknownText
        return graph.node(MapNode.Key(network: network, text: text), .unknown, name: text, isOwn: false)
    }
}
