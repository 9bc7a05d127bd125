import Testing

@testable import ECSTransformer

@Suite("rdp")
struct RDPTests {
    @Test("Who wants in, from the side of the server")
    func cookie() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rdp",\#
                "src_ip":"192.168.77.5","src_port":3389,"dest_ip":"203.0.113.80","dest_port":51068,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rdp":{"tx_id":1,"event_type":"initial_request","cookie":"anna"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "initial_request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "rdp",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","203.0.113.80"]"#,
                "related.user": #"["anna"]"#, "user.name": "anna",
            ])
    }

    @Test("The client names itself")
    func client() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rdp",\#
                "src_ip":"203.0.113.80","src_port":51068,"dest_ip":"192.168.77.5","dest_port":3389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rdp":{"tx_id":3,"event_type":"connect_request","client":{"version":"v5",\#
                "client_name":"ANNAS-PC","keyboard_layout":"en-US"},"channels":["rdpdr"]}}
                """#,
            [
                "client.domain": "ANNAS-PC", "event.action": "connect_request", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "inbound",
                "network.protocol": "rdp", "observer.type": "ids", "related.hosts": #"["ANNAS-PC"]"#,
                "related.ip": #"["203.0.113.80","192.168.77.5"]"#, "source.domain": "ANNAS-PC",
            ])
    }

    @Test("A refusal")
    func refusal() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rdp",\#
                "src_ip":"203.0.113.80","src_port":51068,"dest_ip":"192.168.77.5","dest_port":3389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rdp":{"tx_id":2,"event_type":"initial_response","error_code":5,\#
                "reason":"hybrid_required_by_server"}}
                """#,
            [
                "event.action": "initial_response", "event.category": #"["network"]"#, "event.code": "5",
                "event.kind": "event", "event.outcome": "failure", "event.reason": "hybrid_required_by_server",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "rdp",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }
}
