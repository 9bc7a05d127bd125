import Testing

@testable import ECSTransformer

@Suite("packet")
struct PacketTests {
    @Test("A packet of the server")
    func tagged() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"packet",\#
                "src_ip":"192.168.77.5","src_port":80,"dest_ip":"192.168.77.20","dest_port":40860,"proto":"TCP",\#
                "pkt_src":"wire/pcap","packet":"AgAAACABAgAAACAIgQAAFAgARQAASg==","packet_info":{"linktype":1}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_packet", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "internal", "observer.type": "ids",
                "related.ip": #"["192.168.77.5","192.168.77.20"]"#,
            ])
    }
}
