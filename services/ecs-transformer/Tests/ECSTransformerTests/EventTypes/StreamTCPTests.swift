import Testing

@testable import ECSTransformer

@Suite("stream_tcp")
struct StreamTCPTests {
    @Test("A packet that the engine refused")
    func reason() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"stream_tcp",\#
                "src_ip":"192.168.77.5","src_port":8080,"dest_ip":"192.168.77.20","dest_port":40111,"proto":"TCP",\#
                "pkt_src":"wire/pcap","direction":"to_client","stream_tcp":{"packet":{"len":44,"ttl":64,"flags":[]},\#
                "session":{"state":"established"},"reason":"stream error"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_stream_tcp", "event.category": #"["network"]"#, "event.kind": "event",
                "event.reason": "stream error", "event.type": #"["info"]"#, "network.direction": "internal",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","192.168.77.20"]"#,
            ])
    }
}
