import Testing

@testable import ECSTransformer

@Suite("quic")
struct QUICTests {
    @Test("The client")
    func client() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"quic",\#
                "src_ip":"192.168.77.20","src_port":37297,"dest_ip":"203.0.113.80","dest_port":443,"proto":"UDP",\#
                "pkt_src":"wire/pcap","quic":{"version":"1","sni":"shop.example","ua":"Example/1.0","ja3":{\#
                "hash":"4e2f39e9839276fe7bfd283b657fb9db","string":"771,4865-4866"},\#
                "ja4":"q13d0310h3_55b375c5d22e_cd85d2d88918","extensions":[{"name":"alpn","type":16,\#
                "values":["h3"]}]}}
                """#,
            [
                "destination.domain": "shop.example", "event.action": "suricata_quic",
                "event.category": #"["network"]"#, "event.kind": "event", "event.type": #"["protocol"]"#,
                "network.direction": "outbound", "network.protocol": "quic", "observer.type": "ids",
                "related.hash": #"["q13d0310h3_55b375c5d22e_cd85d2d88918","4e2f39e9839276fe7bfd283b657fb9db"]"#,
                "related.hosts": #"["shop.example"]"#, "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "server.domain": "shop.example", "tls.client.ja3": "4e2f39e9839276fe7bfd283b657fb9db",
                "tls.client.server_name": "shop.example", "user_agent.original": "Example/1.0",
            ])
    }

    @Test("The server")
    func server() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"quic",\#
                "src_ip":"203.0.113.80","src_port":443,"dest_ip":"192.168.77.20","dest_port":37297,"proto":"UDP",\#
                "pkt_src":"wire/pcap","quic":{"version":"1","ja3s":{"hash":"eb1d94daa7e0344597e756a1fb6e7054",\#
                "string":"771,4865,51-43"}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_quic", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "quic",
                "observer.type": "ids", "related.hash": #"["eb1d94daa7e0344597e756a1fb6e7054"]"#,
                "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
                "tls.server.ja3s": "eb1d94daa7e0344597e756a1fb6e7054",
            ])
    }
}
