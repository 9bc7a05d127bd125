import Networks
import Testing

@testable import ControlPlane

@Suite struct MapGraphTests {
    private var limits = MapGraph.Limits()

    init() {
        (limits.nodesMax, limits.edgesMax, limits.foreignEdgesMax) = (10, 40, 5)
        (limits.bucketsKept, limits.bucketsUntilReplaced) = (20, 5)
    }

    private static let flow = MapExchange(name: "tls", isAlert: false, bytes: 10)

    private func alert(_ severity: Int) -> MapExchange {
        MapExchange(name: "http", isAlert: true, isBad: true, severity: severity)
    }

    private func host(_ number: Int, _ graph: inout MapGraph) -> Int {
        graph.node(MapNode.Key(network: "home", text: "h\(number)"), .host, name: "h\(number)", isOwn: true)
    }

    private func stranger(_ number: Int, _ graph: inout MapGraph) -> Int {
        graph.node(MapNode.Key(network: "", text: "AS\(number)"), .asn, name: "AS\(number)", isOwn: false)
    }

    @Test func exchangesBecomeOnePulseForEachEdge() {
        var graph = MapGraph(limits: limits)
        let (one, two) = (host(1, &graph), host(2, &graph))
        var slow = Self.flow
        for milliseconds: Int64 in [30, 10, 20] {
            slow.milliseconds = milliseconds
            graph.add(slow, from: one, to: two, time: 100)
        }
        graph.add(alert(2), from: two, to: one, time: 101)
        let bucket = graph.close(time: 101)
        #expect(bucket.pulses.count == 2)
        #expect(bucket.pulses.values.map(\.flows).sorted() == [0, 3])
        #expect(bucket.pulses.values.map(\.medianMilliseconds).sorted() == [0, 20])
        #expect(graph.edges.values.map(\.bytes).sorted() == [0, 30])
        #expect(graph.edges.values.map(\.bad).sorted() == [0, 1])
        #expect(graph.nodes.values.map(\.severity) == [2, 2])
        #expect(graph.close(time: 102).isQuiet)
    }

    @Test func whatFindsNoRoomIsCountedInOneNode() {
        var graph = MapGraph(limits: limits)
        let target = stranger(1, &graph)
        for number in 1...100 {
            let source = host(number, &graph)
            graph.add(Self.flow, from: source, to: target, time: 1)
        }
        let bucket = graph.close(time: 1)
        #expect(graph.nodes.count == limits.nodesMax + 1)
        #expect(graph.hiddenNodes.count == 91)
        #expect(graph.nodes.values.filter { $0.kind == .others }.map(\.key.network) == ["home"])
        #expect(bucket.pulses.values.reduce(0) { $0 + $1.flows } == 100)
    }

    @Test func aNodeThatWasSilentMakesRoom() {
        var graph = MapGraph(limits: limits)
        let target = stranger(1, &graph)
        for number in 1...9 { graph.add(Self.flow, from: host(number, &graph), to: target, time: 1) }
        let first = host(1, &graph)
        for time: Int64 in 1...6 {
            for number in 2...9 { graph.add(Self.flow, from: host(number, &graph), to: target, time: time) }
            _ = graph.close(time: time)
        }
        let new = host(100, &graph)
        let edge = graph.add(Self.flow, from: new, to: target, time: 7)
        let bucket = graph.close(time: 7)
        #expect(bucket.removedNodes == [first])
        #expect(bucket.removedEdges.count == 1)
        #expect(graph.nodes[new]?.kind == .host)
        #expect(graph.edges[edge]?.key.source == new)
        #expect(graph.recordedNodes.contains { $0.id == first })
    }

    @Test func whoTakesPartDoesNotMakeRoomForTheOther() {
        var graph = MapGraph(limits: limits)
        let first = host(1, &graph)
        for number in 2...10 { _ = host(number, &graph) }
        for time: Int64 in 1...6 { _ = graph.close(time: time) }
        // The one that was silent longest speaks again, to somebody new.
        let source = host(1, &graph)
        let destination = stranger(1, &graph)
        let edge = graph.add(Self.flow, from: source, to: destination, time: 7)
        let bucket = graph.close(time: 7)
        #expect(source == first && graph.nodes[first] != nil)
        #expect(bucket.removedNodes.count == 1 && !bucket.removedNodes.contains(first))
        #expect(graph.edges[edge]?.flows == 1)
    }

    @Test func whenNobodyIsSilentRoomIsLookedForOnceInABucket() {
        var graph = MapGraph(limits: limits)
        for number in 1...10 { _ = host(number, &graph) }
        let crowded = host(11, &graph)
        #expect(graph.nodes[crowded]?.kind == .others)
        for time: Int64 in 1...6 { _ = graph.close(time: time) }
        let roomy = host(11, &graph)
        #expect(graph.nodes[roomy]?.kind == .host)
    }

    @Test func edgesToForeignNodesAreBounded() {
        var graph = MapGraph(limits: limits)
        let one = host(1, &graph)
        for number in 1...8 { graph.add(Self.flow, from: one, to: stranger(number, &graph), time: 1) }
        #expect(graph.edges.count == limits.foreignEdgesMax + 1)
        #expect(graph.hiddenEdges.count == 3)
        // What comes back the other way is bounded, too.
        for number in 1...8 { graph.add(alert(1), from: stranger(number, &graph), to: one, time: 1) }
        #expect(graph.edges.count == limits.foreignEdgesMax + 2)
        _ = graph.close(time: 1)
        #expect(graph.edges.values.reduce(0) { $0 + $1.flows } == 8)
        #expect(graph.edges.values.reduce(0) { $0 + $1.bad } == 8)
    }

    @Test func namesOfProtocolsMakeNoEdgesWithoutEnd() {
        var graph = MapGraph(limits: limits)
        let (one, two) = (host(1, &graph), host(2, &graph))
        for number in 0..<1_000 {
            graph.add(MapExchange(name: "p\(number)", isAlert: false), from: one, to: two, time: 1)
        }
        _ = graph.close(time: 1)
        #expect(graph.edges.count <= 2 * limits.edgesMax + 4)
        #expect(graph.edges.values.reduce(0) { $0 + $1.flows } == 1_000)
    }

    @Test func whatIsSilentTooLongGoes() {
        var graph = MapGraph(limits: limits)
        graph.add(Self.flow, from: host(1, &graph), to: stranger(1, &graph), time: 1)
        var gone: [Int] = []
        for time in 1...30 { gone += graph.close(time: Int64(time)).removedNodes }
        #expect(gone.count == 2)
        #expect(graph.nodes.isEmpty && graph.edges.isEmpty)
        for time in 31...60 { _ = graph.close(time: Int64(time)) }
        #expect(graph.recordedNodes.isEmpty && graph.recordedEdges.isEmpty)
    }

    @Test func anAlertStaysUntilItIsTriaged() {
        var graph = MapGraph(limits: limits)
        let (one, two) = (host(1, &graph), host(2, &graph))
        graph.add(alert(2), from: one, to: two, time: 1)
        _ = graph.close(time: 1)
        // The inbox does not know of it yet.
        graph.setOpenSeverities([:], age: 3)
        #expect(graph.nodes[one]?.severity == 2)
        for time: Int64 in 2...4 { _ = graph.close(time: time) }
        graph.setOpenSeverities([one: 1], age: 3)
        #expect((graph.nodes[one]?.severity, graph.nodes[two]?.severity) == (1, 0))
        #expect(graph.close(time: 5).changedNodes == [one, two])
    }

    @Test func marksOfWhatIsShownTogetherStayWhileAnyOfItMayBeOpen() {
        var graph = MapGraph(limits: limits)
        let one = host(1, &graph)
        let unknown = graph.node(
            MapNode.Key(network: "", text: MapNode.unknownText), .unknown, name: "unknown", isOwn: false)
        graph.add(alert(1), from: unknown, to: one, time: 1)
        for time: Int64 in 1...4 { _ = graph.close(time: time) }
        func severities() -> [Int?] { [one, unknown].map { graph.nodes[$0]?.severity } }
        graph.setOpenSeverities([:], areAll: false, age: 3)
        #expect(severities() == [1, 1])
        graph.setOpenSeverities([:], areSomeElsewhere: true, age: 3)
        #expect(severities() == [0, 1])
        graph.setOpenSeverities([:], age: 3)
        #expect(severities() == [0, 0])
    }

    @Test func aScanDoesNotMakeOwnHostsForgotten() throws {
        var limits = limits
        limits.addressesMax = 5
        var graph = MapGraph(limits: limits)
        func address(_ text: String) throws -> MapGraph.Address {
            MapGraph.Address(address: try #require(IPAddress(text)), sensor: "")
        }
        let (own, world) = (host(1, &graph), stranger(1, &graph))
        graph.note(try address("192.168.1.1"), is: own)
        for number in 1...20 { graph.note(try address("203.0.113.\(number)"), is: world) }
        #expect(graph.node(of: try address("192.168.1.1")) == own)
        #expect(graph.node(of: try address("203.0.113.1")) == nil)
        #expect(graph.node(of: try address("203.0.113.20")) == world)
    }

    @Test func incidentsOfABucketAreBoundedAndTheNewestKept() {
        var graph = MapGraph(limits: limits)
        let (one, two) = (host(1, &graph), host(2, &graph))
        for second in 1...10 {
            for number in 0..<50 {
                let edge = graph.add(alert(1), from: one, to: two, time: Int64(second))
                graph.add(
                    MapIncident(
                        edge: edge, time: Int64(second),
                        what: .alert(severity: 1, signatureID: Int64(number), signature: "s"), event: nil))
            }
            let bucket = graph.close(time: Int64(second))
            #expect(bucket.alerts.count == limits.incidentsOfBucketMax)
            #expect(bucket.pulses.values.map(\.bad) == [50])
        }
        #expect(graph.incidents.count == limits.incidentsKept)
        #expect(graph.incidents.first?.time == 6)
    }
}
