import Testing

@testable import ECSTransformer

@Suite("websocket")
struct WebSocketTests {
    @Test("A message of the server")
    func text() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"websocket",\#
                "src_ip":"203.0.113.80","src_port":80,"dest_ip":"192.168.77.20","dest_port":55233,"proto":"TCP",\#
                "pkt_src":"wire/pcap","websocket":{"fin":true,"opcode":"text"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "text", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "websocket",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }
}
