import Testing

@testable import ECSTransformer

@Suite("frame")
struct FrameTests {
    @Test("A piece of a response comes from the server")
    func response() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"frame",\#
                "src_ip":"203.0.113.80","src_port":8001,"dest_ip":"192.168.77.20","dest_port":31000,"proto":"TCP",\#
                "pkt_src":"wire/pcap","app_proto":"http","frame":{"type":"response","id":1,"direction":"toclient",\#
                "stream_offset":0,"length":81,"payload_printable":"HTTP/1.1 200 OK","complete":true}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_frame", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "inbound", "network.protocol": "http",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }
}
