import EventContract
import JSON
import Lifecycle
import Logging
import Metrics
import RedisStreams
import ServiceTesting
import Settings
import Testing

@testable import ControlPlane
@testable import HTTPServer

@Suite struct LiveMapTests {
    private let map = LiveMap(MapSettings(), stream: "none", metrics: MetricsRegistry(prefix: "test")) { stop in
        RedisLink(RedisOptions(host: "127.0.0.1", port: 1), service: "test", stop: stop, logger: .quiet)
    }
    private let reader = MapEvents(MapSettings())

    /// What a page knows that takes each message as it comes.
    private struct Page {
        var place = Broadcast.Place.snapshot
        var sequence: Int64 = 0
        var flows: Int64 = 0
        var kinds: [String] = []

        /// Takes one message; false when there is none.
        mutating func step(_ deltas: Broadcast) throws -> Bool {
            let step = deltas.step(from: place)
            place = step.place
            guard let message = step.message else { return false }
            var tree = JSONTree()
            try message.bytes.withUnsafeBytes { bytes in
                let frame = try tree.parse(bytes)
                let kind = frame["type"]?.string ?? ""
                if kinds.last != kind { kinds.append(kind) }
                switch kind {
                case "snapshot":
                    sequence = frame["seq"]?.int64 ?? 0
                    flows = frame["edges"]?.elements.reduce(0) { $0 + ($1["n"]?.int64 ?? 0) } ?? 0
                case "delta":
                    #expect(frame["seq"]?.int64 == sequence + 1)
                    sequence += 1
                    guard let flashes = frame["flash"] else { break }
                    for flash in flashes.elements { flows += Array(flash.elements)[1].int64 ?? 0 }
                default: break
                }
            }
            return true
        }

        mutating func catchUp(with map: LiveMap) throws {
            while try step(map.deltas) {}
            map.publishSnapshotIfWanted()
            while try step(map.deltas) {}
        }
    }

    private func second(flows: Int) throws {
        let documents = (0..<flows).map { number in
            #"{"source":{"ip":"192.168.1.\#(number % 200)"},"destination":{"ip":"203.0.113.\#(number % 9)"},"#
                + #""network":{"protocol":"tls","bytes":7},"suricata":{"eve":{"event_type":"flow"}}}"#
        }
        map.take(try DocumentBatch.testing(documents), reader)
        map.closeBucket(reader)
    }

    @Test func aPageThatLagsGetsASnapshotAndNeverAWrongPicture() throws {
        var (prompt, slow) = (Page(), Page())
        try prompt.catchUp(with: map)
        try slow.catchUp(with: map)
        for _ in 0..<100 {
            try second(flows: 10)
            try prompt.catchUp(with: map)
        }
        #expect(prompt.flows == 1_000 && !prompt.kinds.contains("resync"))
        try slow.catchUp(with: map)
        #expect(slow.kinds.filter { $0 == "resync" }.count == 1)
        #expect((slow.flows, slow.sequence) == (1_000, prompt.sequence))
        // From there it goes on as the other one does.
        try second(flows: 5)
        try prompt.catchUp(with: map)
        try slow.catchUp(with: map)
        #expect((slow.flows, prompt.flows) == (1_005, 1_005))
    }

    @Test func whoComesLaterBeginsWithAFreshSnapshot() throws {
        var first = Page()
        try first.catchUp(with: map)
        for _ in 0..<20 { try second(flows: 3) }
        var late = Page()
        try late.catchUp(with: map)
        #expect(late.kinds == ["snapshot"])
        try first.catchUp(with: map)
        #expect((late.flows, late.sequence) == (first.flows, first.sequence))
    }

    @Test func ratesAreOfTheTimeThatTheyStandFor() throws {
        let bytes = MapFrames.stats(events: 30, shown: 20, dropped: 11, seconds: 5, time: 9, .init())
        var tree = JSONTree()
        let rates = try bytes.withUnsafeBytes { bytes in
            let frame = try tree.parse(bytes)
            return ["events_per_s", "shown", "dropped"].map { frame[$0]?.int64 }
        }
        #expect(rates == [6, 4, 3])
    }

    @Test func trafficWithoutEndDoesNotMakeItGrow() throws {
        var limits = MapGraph.Limits()
        (limits.bucketsKept, limits.removedMax) = (50, 200)
        var graph = MapGraph(limits: limits)
        var generator = SeededGenerator(seed: 7)
        let tls = MapExchange(name: "tls", isAlert: false, bytes: 10)
        var most = 0
        for second in 1...500 {
            for _ in 0..<20 {
                let host = Int.random(in: 0..<5_000, using: &generator)
                let system = Int.random(in: 0..<5_000, using: &generator)
                let source = graph.node(
                    MapNode.Key(network: "home", text: "h\(host)"), .host, name: "h", isOwn: true)
                let destination = graph.node(
                    MapNode.Key(network: "", text: "AS\(system)"), .asn, name: "a", isOwn: false)
                graph.add(tls, from: source, to: destination, time: Int64(second))
            }
            _ = graph.close(time: Int64(second))
            most = max(most, graph.edges.count)
        }
        #expect(graph.nodes.count <= graph.limits.nodesMax + 2)
        #expect(most <= 2 * graph.limits.edgesMax)
        #expect(graph.recordedNodes.count <= graph.nodes.count + graph.limits.removedMax)
        #expect(graph.recordedEdges.count <= graph.edges.count + graph.limits.removedMax)
    }
}
