import Testing

@testable import ECSTransformer

@Suite("stats")
struct StatsTests {
    @Test("Counters are a metric and stay whole")
    func counters() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"stats","stats":{"uptime":7,"decoder":{\#
                "pkts":51,"event":{"ipv4":{"pkt_too_small":0}}},"a.b":{"c":1}},"host":"home-box"}
                """#,
            [
                "event.action": "suricata_stats", "event.kind": "metric", "observer.hostname": "home-box",
                "observer.name": "home-box", "observer.type": "ids",
            ])
    }
}
