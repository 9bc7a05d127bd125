import Testing

@testable import ECSTransformer

@Suite("sip")
struct SIPTests {
    @Test("A request")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"sip",\#
                "src_ip":"192.168.77.20","src_port":44048,"dest_ip":"203.0.113.80","dest_port":5060,"proto":"UDP",\#
                "pkt_src":"wire/pcap","sip":{"method":"REGISTER","uri":"sip:post.example","version":"SIP/2.0",\#
                "request_line":"REGISTER sip:post.example SIP/2.0"}}
                """#,
            [
                "event.action": "register", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "sip",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "url.original": "sip:post.example",
            ])
    }

    @Test("A response comes from the side that was called")
    func response() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"sip",\#
                "src_ip":"203.0.113.80","src_port":5060,"dest_ip":"192.168.77.20","dest_port":44048,"proto":"UDP",\#
                "pkt_src":"wire/pcap","sip":{"version":"SIP/2.0","code":"401","reason":"Unauthorized",\#
                "response_line":"SIP/2.0 401 Unauthorized"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_sip", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "network.direction": "inbound",
                "network.protocol": "sip", "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }

    @Test("While it rings, nothing is decided")
    func ringing() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"sip",\#
                "src_ip":"203.0.113.80","src_port":5060,"dest_ip":"192.168.77.20","dest_port":5060,"proto":"UDP",\#
                "pkt_src":"wire/pcap","sip":{"version":"SIP/2.0","code":"180","reason":"Ringing"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_sip", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "sip",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }
}
