import Testing

@testable import ECSTransformer

@Suite("telnet")
struct TelnetTests {
    @Test("Only the protocol is known")
    func protocolOnly() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"telnet",\#
                "src_ip":"203.0.113.80","src_port":46966,"dest_ip":"192.168.77.5","dest_port":23,"proto":"TCP",\#
                "pkt_src":"wire/pcap","telnet":{}}
                """#,
            [
                "event.action": "suricata_telnet", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "telnet",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }
}
