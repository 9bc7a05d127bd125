import JSON
import Networks

/// What the map shows: nodes, edges, and what the bucket that is open has added to them.
///
/// Everything is bounded: what finds no room is counted in a node for all others of its network, and how much that is can
/// be told. No clock inside: time is what it is told with each bucket.
struct MapGraph: Sendable {
    struct Limits: Sendable {
        var nodesMax = 300
        var edgesMax = 2_000
        /// Edges of one node to foreign ones: with more a picture can't be read.
        var foreignEdgesMax = 30
        /// Buckets without anything after which a node or an edge goes.
        var bucketsKept = 900
        /// Buckets after which a node makes room for a new one.
        var bucketsUntilReplaced = 60
        /// Alerts, and errors, of one bucket that are told one by one.
        var incidentsOfBucketMax = 20
        /// Of those, the newest that are kept.
        var incidentsKept = 100
        /// Nodes and edges that are gone and still named by what is recorded.
        var removedMax = 10_000
        /// Addresses of which it is remembered which node they are, beside those of own nodes.
        var addressesMax = 50_000
    }

    /// An address, as one sensor sees it.
    struct Address: Hashable, Sendable {
        let address: IPAddress
        /// Empty where all sensors see the same networks.
        let sensor: String
    }

    let limits: Limits
    private(set) var nodes: [Int: MapNode] = [:]
    private(set) var edges: [Int: MapEdge] = [:]
    /// The number of the bucket that is open.
    private(set) var bucket = 0
    /// Alerts and errors, the oldest first.
    private(set) var incidents: [MapIncident] = []
    private(set) var hiddenNodes: RecentKeys
    private(set) var hiddenEdges: RecentKeys

    private var nodeIDs: [MapNode.Key: Int] = [:]
    private var edgeIDs: [MapEdge.Key: Int] = [:]
    private var addresses: [Address: Int] = [:]
    private var nextID = 1
    private var open = Bucket()
    /// The bucket in which no node was silent long enough to make room; none is until the next one.
    private var fullBucket = -1
    private var removedNodes: [(bucket: Int, node: MapNode)] = []
    private var removedEdges: [(bucket: Int, edge: MapEdge)] = []

    /// What a bucket has brought.
    struct Bucket: Sendable {
        var changedNodes: Set<Int> = []
        var newEdges: [Int] = []
        var removedNodes: [Int] = []
        var removedEdges: [Int] = []
        var pulses: [Int: MapEdge.Pulse] = [:]
        var alerts: [MapIncident] = []
        var errors: [MapIncident] = []
        /// Events that came, shown or not.
        var events = 0
        /// Of those, the ones that an edge stands for.
        var shown = 0
        /// Nodes and edges as they were when it was closed, or when they went.
        fileprivate var gone: (nodes: [Int: MapNode], edges: [Int: MapEdge]) = ([:], [:])

        var isQuiet: Bool {
            events == 0 && changedNodes.isEmpty && removedNodes.isEmpty && removedEdges.isEmpty && pulses.isEmpty
        }
    }

    init(limits: Limits = Limits()) {
        self.limits = limits
        hiddenNodes = RecentKeys(bucketsKept: limits.bucketsKept)
        hiddenEdges = RecentKeys(bucketsKept: limits.bucketsKept)
    }

    // MARK: - Nodes

    /// The node that an address is, if it is known and still there.
    func node(of address: Address) -> Int? {
        guard let id = addresses[address], nodes[id] != nil else { return nil }
        return id
    }

    /// Keeps a node from making room for who else takes part in the open bucket.
    mutating func hold(_ id: Int) {
        if nodes[id]?.lastBucket != bucket { nodes[id]?.lastBucket = bucket }
    }

    /// Notes which node an address is.
    mutating func note(_ address: Address, is node: Int) {
        if addresses.count >= limits.addressesMax {
            // Those of own hosts stay: by them marks find a host that is silent.
            addresses = addresses.filter { nodes[$0.value]?.isForeign == false }
        }
        // One for which there is no room now may get some later.
        if nodes[node]?.kind != .others { addresses[address] = node }
    }

    /// The node with a key, made if it is new; that of all others when there is no room.
    mutating func node(_ key: MapNode.Key, _ kind: MapNode.Kind, name: String, isOwn: Bool) -> Int {
        if let id = nodeIDs[key] {
            hold(id)
            return id
        }
        var node = MapNode(id: nextID, key: key, kind: kind, name: name, isOwn: isOwn, lastBucket: bucket)
        if !node.isCollective, nodes.count >= limits.nodesMax, !makeRoom() {
            hiddenNodes.insert(key.hashValue, at: bucket)
            let others = MapNode.Key.others(of: key.network)
            if let id = nodeIDs[others] { return id }
            node = MapNode(
                id: nextID, key: others, kind: .others, name: "others", isOwn: isOwn, lastBucket: bucket)
        }
        nextID += 1
        nodes[node.id] = node
        nodeIDs[node.key] = node.id
        open.changedNodes.insert(node.id)
        return node.id
    }

    /// Removes the node that was silent longest, if that is long enough.
    private mutating func makeRoom() -> Bool {
        guard fullBucket != bucket else { return false }
        let silent = nodes.values.lazy.filter { !$0.isCollective }
            .min { ($0.lastBucket, $0.id) < ($1.lastBucket, $1.id) }
        guard let silent, bucket - silent.lastBucket >= limits.bucketsUntilReplaced else {
            fullBucket = bucket
            return false
        }
        for edge in edges.values where edge.key.source == silent.id || edge.key.destination == silent.id {
            remove(edge: edge.id)
        }
        remove(node: silent.id)
        return true
    }

    /// Gives a node another name.
    mutating func rename(_ id: Int, _ name: String) {
        guard let node = nodes[id], node.name != name else { return }
        nodes[id]?.name = name
        open.changedNodes.insert(id)
    }

    /// Shows a host as a router.
    mutating func setGateway(_ id: Int) {
        guard nodes[id]?.kind == .host else { return }
        nodes[id]?.kind = .gateway
        open.changedNodes.insert(id)
    }

    /// Says which alerts are still open.
    ///
    /// - Parameters:
    ///   - severities: the worst of them of each node that has one.
    ///   - areAll: whether no other ones are open.
    ///   - areSomeElsewhere: whether some are of hosts that have no node of their own.
    ///   - age: alerts of the last so many buckets may not be among them yet.
    mutating func setOpenSeverities(
        _ severities: [Int: Int], areAll: Bool = true, areSomeElsewhere: Bool = false, age: Int
    ) {
        for node in nodes.values {
            var severity = severities[node.id] ?? 0
            let mayStay = !areAll || areSomeElsewhere && node.isCollective
            if mayStay || bucket - node.lastAlertBucket < age { severity = worse(severity, node.severity) }
            guard severity != node.severity else { continue }
            nodes[node.id]?.severity = severity
            open.changedNodes.insert(node.id)
        }
    }

    // MARK: - Exchanges

    /// Adds one flow, request or alert.
    ///
    /// - Parameter time: seconds since the epoch.
    /// - Returns: its edge.
    @discardableResult
    mutating func add(_ exchange: MapExchange, from source: Int, to destination: Int, time: Int64) -> Int {
        let id = edge(from: source, to: destination, exchange.name, time: time)
        open.pulses[id, default: MapEdge.Pulse()].add(exchange)
        open.shown += 1
        guard let key = edges[id]?.key else { return id }
        edges[id]?.lastBucket = bucket
        edges[id]?.lastTime = time
        for end in [key.source, key.destination] {
            nodes[end]?.lastBucket = bucket
            guard exchange.isAlert, let node = nodes[end] else { continue }
            nodes[end]?.lastAlertBucket = bucket
            let severity = worse(node.severity, exchange.severity)
            if severity != node.severity {
                nodes[end]?.severity = severity
                open.changedNodes.insert(end)
            }
        }
        return id
    }

    /// Notes something bad that was added.
    mutating func add(_ incident: MapIncident) {
        if incident.isAlert {
            if open.alerts.count < limits.incidentsOfBucketMax { open.alerts.append(incident) }
        } else {
            if open.errors.count < limits.incidentsOfBucketMax { open.errors.append(incident) }
        }
    }

    /// Notes events that came, whether or not the map shows them.
    mutating func count(events: Int) {
        open.events += events
    }

    private mutating func edge(from source: Int, to destination: Int, _ name: String, time: Int64) -> Int {
        var key = MapEdge.Key(source: source, destination: destination, name: name)
        if let id = edgeIDs[key] { return id }
        if let end = crowdedEnd(of: key), let crowded = nodes[end] {
            hiddenEdges.insert(key.hashValue, at: bucket)
            let others = node(.others(of: crowded.key.network), .others, name: "others", isOwn: crowded.isOwn)
            // With no room at all only one protocol is told apart: not even their names can make edges without end.
            let isFull = edges.count >= limits.edgesMax * 2
            key = MapEdge.Key(
                source: end == source ? others : source, destination: end == destination ? others : destination,
                name: isFull ? "other" : name)
            if let id = edgeIDs[key] { return id }
        }
        let edge = MapEdge(id: nextID, key: key, lastTime: time, lastBucket: bucket)
        nextID += 1
        edges[edge.id] = edge
        edgeIDs[key] = edge.id
        open.newEdges.append(edge.id)
        count(edge, by: 1)
        return edge.id
    }

    /// The end of a new edge for which there is no room; nil when there is.
    private func crowdedEnd(of key: MapEdge.Key) -> Int? {
        guard let source = nodes[key.source], let destination = nodes[key.destination] else { return nil }
        if source.kind == .others && destination.kind == .others { return nil }
        if edges.count >= limits.edgesMax { return destination.kind == .others ? source.id : destination.id }
        if destination.isForeign, destination.kind != .others, source.foreignEdges >= limits.foreignEdgesMax {
            return destination.id
        }
        if source.isForeign, source.kind != .others, destination.foreignEdges >= limits.foreignEdgesMax {
            return source.id
        }
        return nil
    }

    private mutating func count(_ edge: MapEdge, by step: Int) {
        let (source, destination) = (edge.key.source, edge.key.destination)
        let isForeign = (nodes[source]?.isForeign == true, nodes[destination]?.isForeign == true)
        nodes[source]?.edges += step
        nodes[destination]?.edges += step
        if isForeign.1 { nodes[source]?.foreignEdges += step }
        if isForeign.0 { nodes[destination]?.foreignEdges += step }
    }

    // MARK: - Buckets

    /// Ends the bucket, lets go of what was silent too long, and begins the next one.
    ///
    /// - Parameter time: seconds since the epoch.
    mutating func close(time: Int64) -> Bucket {
        for (id, pulse) in open.pulses { edges[id]?.add(pulse) }
        incidents += open.alerts + open.errors
        incidents.removeFirst(max(0, incidents.count - limits.incidentsKept))
        let oldest = bucket - limits.bucketsKept
        for edge in edges.values where edge.lastBucket < oldest { remove(edge: edge.id) }
        for node in nodes.values where node.edges == 0 && node.lastBucket < oldest { remove(node: node.id) }
        removedNodes.removeFirst(removedNodes.prefix { $0.bucket < oldest }.count)
        removedEdges.removeFirst(removedEdges.prefix { $0.bucket < oldest }.count)
        removedNodes.removeFirst(max(0, removedNodes.count - limits.removedMax))
        removedEdges.removeFirst(max(0, removedEdges.count - limits.removedMax))
        hiddenNodes.forget(at: bucket)
        hiddenEdges.forget(at: bucket)
        defer {
            open = Bucket()
            bucket += 1
        }
        return open
    }

    private mutating func remove(edge id: Int) {
        guard let edge = edges.removeValue(forKey: id) else { return }
        edgeIDs[edge.key] = nil
        count(edge, by: -1)
        open.removedEdges.append(id)
        open.gone.edges[id] = edge
        removedEdges.append((bucket, edge))
    }

    private mutating func remove(node id: Int) {
        guard let node = nodes.removeValue(forKey: id) else { return }
        nodeIDs[node.key] = nil
        open.removedNodes.append(id)
        open.gone.nodes[id] = node
        removedNodes.append((bucket, node))
    }

    /// A node of a closed bucket.
    func node(_ id: Int, of bucket: Bucket) -> MapNode? { nodes[id] ?? bucket.gone.nodes[id] }

    /// An edge of a closed bucket, as it was before.
    func edge(_ id: Int, of bucket: Bucket) -> MapEdge? { edges[id] ?? bucket.gone.edges[id] }

    /// All nodes that what is recorded may name.
    var recordedNodes: [MapNode] { removedNodes.map(\.node) + nodes.values.sorted { $0.id < $1.id } }

    /// All edges that what is recorded may name.
    var recordedEdges: [MapEdge] { removedEdges.map(\.edge) + edges.values.sorted { $0.id < $1.id } }
}

/// How many different keys there were lately: counted exactly up to a bound, and then not further.
struct RecentKeys: Sendable {
    private static let countMax = 50_000

    private let bucketsKept: Int
    private var recent: Set<Int> = []
    private var older: Set<Int> = []
    private var start = 0
    private(set) var count = 0

    init(bucketsKept: Int) {
        self.bucketsKept = bucketsKept
    }

    mutating func insert(_ key: Int, at bucket: Int) {
        guard recent.count < Self.countMax, recent.insert(key).inserted else { return }
        if !older.contains(key) { count += 1 }
    }

    /// Lets go of what was not there for half of the time.
    mutating func forget(at bucket: Int) {
        guard bucket - start >= bucketsKept / 2 else { return }
        (older, recent, start) = (recent, [], bucket)
        count = older.count
    }
}
