import Testing

@testable import ECSTransformer

@Suite("rfb")
struct RFBTests {
    @Test("A login that has worked; a screen has a host for its name")
    func login() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rfb",\#
                "src_ip":"203.0.113.80","src_port":33706,"dest_ip":"192.168.77.5","dest_port":5900,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rfb":{"server_protocol_version":{"major":"003","minor":"008"},\#
                "authentication":{"security_type":2,"vnc":{"challenge":"00","response":"10"},\#
                "security_result":"OK"},"screen_shared":true,"framebuffer":{"width":1280,"height":800,\#
                "name":"anna@living-room"}}}
                """#,
            [
                "event.action": "suricata_rfb", "event.category": #"["network","authentication"]"#,
                "event.kind": "event", "event.outcome": "success", "event.type": #"["protocol","start"]"#,
                "network.direction": "inbound", "network.protocol": "rfb", "observer.type": "ids",
                "related.hosts": #"["living-room"]"#, "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }

    @Test("A login that has failed, from the side of the server")
    func failure() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rfb",\#
                "src_ip":"192.168.77.5","src_port":5900,"dest_ip":"203.0.113.80","dest_port":33706,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rfb":{"authentication":{"security_type":2,"security_result":"FAIL"},\#
                "server_security_failure_reason":"Authentication failed","framebuffer":{"name":"living room"}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_rfb", "event.category": #"["network","authentication"]"#,
                "event.kind": "event", "event.outcome": "failure", "event.reason": "Authentication failed",
                "event.type": #"["protocol","info"]"#, "network.direction": "outbound", "network.protocol": "rfb",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","203.0.113.80"]"#,
            ])
    }
}
