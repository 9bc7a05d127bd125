import EventContract
import ServiceTesting
import Settings
import Testing

@testable import ControlPlane

@Suite struct MapEventsTests {
    private let events = MapEvents(MapSettings())

    private func document(
        _ type: String, _ source: String, _ destination: String, members: String = "", eve: String = ""
    ) -> String {
        """
        {\(members)"source":\(source),"destination":\(destination),"network":{"protocol":"dns","bytes":7},\
        "suricata":{"eve":{"event_type":"\(type)"\(eve)}}}
        """
    }

    private func graph(_ documents: [String], sampling: Int = 1) throws -> (MapGraph, MapEvents.Outcome) {
        var graph = MapGraph()
        let outcome = events.add(
            try DocumentBatch.testing(documents), to: &graph, sampling: sampling, time: 1, wantsRequests: true)
        return (graph, outcome)
    }

    private func ends(_ graph: MapGraph) -> [String] {
        graph.edges.values.sorted { $0.id < $1.id }.map { edge in
            [edge.key.source, edge.key.destination].map { graph.nodes[$0]?.key.text ?? "" }.joined(separator: ">")
        }
    }

    @Test func theWorldIsGroupedByWhatIsKnownOfIt() throws {
        let own = #"{"ip":"192.168.1.2"}"#
        let system = #""as":{"number":3320,"organization":{"name":"Telekom"}}"#
        let country = #""geo":{"country_iso_code":"DE","country_name":"Germany"}"#
        let (graph, _) = try graph([
            document("flow", own, #"{"ip":"203.0.113.1",\#(system),\#(country)}"#),
            document("flow", own, #"{"ip":"203.0.113.2",\#(country)}"#),
            document("flow", own, #"{"ip":"203.0.113.3"}"#), document("flow", own, #"{"address":"no address"}"#),
            document("flow", own, #"{"ip":"255.255.255.255"}"#), document("flow", #"{"ip":"0.0.0.0"}"#, own),
        ])
        #expect(
            ends(graph) == [
                "192.168.1.2>AS3320", "192.168.1.2>DE", "192.168.1.2>203.0.0.0/16", "192.168.1.2>unknown",
                "192.168.1.2>multicast", "unknown>192.168.1.2",
            ])
        #expect(graph.nodes.values.first { $0.kind == .asn }?.name == "Telekom")
        #expect(graph.nodes.values.first { $0.kind == .country }?.name == "Germany")
    }

    @Test func requestsGoFromWhoAskedAndAlertsTheWayOfTheirPacket() throws {
        let (asks, answers) = (
            #"{"address":"a","ip":"192.168.1.2","port":5000}"#, #"{"address":"b","ip":"192.168.1.1","port":53}"#
        )
        let client = #""client":\#(asks),"server":\#(answers),"#
        let (graph, _) = try graph([
            document("dns", answers, asks, members: client + #""dns":{"type":"answer"},"#),
            document("dns", asks, answers, members: client + #""dns":{"type":"query"},"#),
            document("alert", answers, asks, members: client, eve: #","alert":{"severity":9,"signature_id":1}"#),
        ])
        #expect(ends(graph) == ["192.168.1.2>192.168.1.1", "192.168.1.1>192.168.1.2"])
        // A severity that is none of the three is the least.
        #expect(graph.nodes.values.map(\.severity) == [3, 3])
    }

    @Test(arguments: ["stats", "fileinfo", "anomaly", "netflow", "drop"])
    func whatAnotherEventTellsIsLeftOut(type: String) throws {
        let (graph, _) = try graph([document(type, #"{"ip":"192.168.1.2"}"#, #"{"ip":"192.168.1.1"}"#)])
        #expect(graph.nodes.isEmpty)
    }

    @Test func textsAreCutWhateverOneCharacterHolds() throws {
        let long = "a" + String(repeating: "\u{301}", count: 5_000)
        let (graph, outcome) = try graph([
            document(
                "http", #"{"ip":"192.168.1.2"}"#, #"{"ip":"203.0.113.1"}"#,
                members: #""url":{"original":"\#(long)"},"#)
        ])
        #expect(outcome.requests.map(\.path.unicodeScalars.count) == [200])
        // A request that leaves is told with the network that it leaves.
        #expect(outcome.requests.map(\.network) == ["home"])
        #expect(graph.edges.count == 1)
    }

    @Test func routersThatDHCPGivesOutAreGateways() throws {
        let (router, phone) = (#"{"ip":"192.168.1.1"}"#, #"{"ip":"192.168.1.2"}"#)
        func lease(_ type: String, _ routers: String) -> String {
            document("dhcp", router, phone, eve: #","dhcp":{"type":"\#(type)","routers":[\#(routers)]}"#)
        }
        // On the map before, only later, no host of an own network, no address, and asked for only.
        let (graph, _) = try graph([
            document("flow", phone, router), lease("reply", #""192.168.1.1","192.168.1.254","203.0.113.1",7,"x""#),
            lease("request", #""192.168.1.2""#), document("flow", phone, #"{"ip":"192.168.1.254"}"#),
            document("flow", phone, #"{"ip":"203.0.113.1"}"#),
        ])
        let gateways = graph.nodes.values.filter { $0.kind == .gateway }
        #expect(Set(gateways.map(\.key.text)) == ["192.168.1.1", "192.168.1.254"])
        #expect(gateways.allSatisfy { $0.isOwn && $0.key.network == "home" })
    }

    @Test func whatTheSuiteHasMadeItselfDoesNotCount() throws {
        var (graph, outcome) = try graph([
            document(Canary.eventType, "{}", "{}"), document("stats", "{}", "{}"),
        ])
        #expect((outcome.events, graph.close(time: 1).events) == (1, 1))
    }

    @Test func ofTooManyOneOfSeveralIsLookedAt() throws {
        let flow = document("flow", #"{"ip":"192.168.1.2"}"#, #"{"ip":"192.168.1.1"}"#)
        var (graph, outcome) = try graph(Array(repeating: flow, count: 10), sampling: 3)
        let bucket = graph.close(time: 1)
        #expect((bucket.events, bucket.shown, outcome.skipped) == (10, 4, 6))
    }

    @Test(arguments: ["{}", "[]", #"{"suricata":{"eve":{}}}"#, #"{"suricata":{"eve":{"event_type":7}}}"#])
    func otherDocumentsAreNoHarm(document: String) throws {
        #expect(try graph([document]).0.edges.isEmpty)
    }
}
