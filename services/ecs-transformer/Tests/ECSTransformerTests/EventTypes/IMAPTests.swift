import Testing

@testable import ECSTransformer

@Suite("imap")
struct IMAPTests {
    @Test("Only the protocol is known")
    func protocolOnly() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"imap",\#
                "src_ip":"192.168.77.5","src_port":143,"dest_ip":"203.0.113.80","dest_port":46966,"proto":"TCP",\#
                "pkt_src":"wire/pcap","imap":{}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_imap", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "imap",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","203.0.113.80"]"#,
            ])
    }
}
