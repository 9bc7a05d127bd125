import Testing

@testable import ECSTransformer

@Suite("ntp")
struct NTPTests {
    @Test("An answer between two ports that are alike")
    func answer() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ntp",\#
                "src_ip":"203.0.113.80","src_port":123,"dest_ip":"192.168.77.20","dest_port":123,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ntp":{"version":4,"mode":4,"stratum":2,"reference_id":"7f:7f:01:01"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_ntp", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "ntp",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }
}
