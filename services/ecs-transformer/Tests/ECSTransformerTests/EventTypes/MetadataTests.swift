import Testing

@testable import ECSTransformer

@Suite("metadata")
struct MetadataTests {
    @Test("Stays in the event")
    func variables() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"metadata",\#
                "src_ip":"192.168.77.20","src_port":40860,"dest_ip":"203.0.113.80","dest_port":80,"proto":"TCP",\#
                "pkt_src":"wire/pcap","metadata":{"flowbits":["home.login"],"flowvars":[{"gid":"0"}]}}
                """#,
            [
                "event.action": "suricata_metadata", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "outbound", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
            ])
    }
}
