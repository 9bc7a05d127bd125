import Testing

@testable import ECSTransformer

@Suite("pop3")
struct POP3Tests {
    @Test("A name")
    func user() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pop3",\#
                "src_ip":"203.0.113.80","src_port":38571,"dest_ip":"192.168.77.5","dest_port":110,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pop3":{"request":{"command":"USER","args":["anna@post.example"]},"response":{\#
                "success":true,"status":"OK","header":"welcome here","data":[]}}}
                """#,
            [
                "event.action": "user", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "inbound",
                "network.protocol": "pop3", "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
                "related.user": #"["anna@post.example"]"#, "user.name": "anna@post.example",
            ])
    }

    @Test("A wrong password, which goes into no field")
    func wrongPassword() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pop3",\#
                "src_ip":"203.0.113.80","src_port":38571,"dest_ip":"192.168.77.5","dest_port":110,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pop3":{"request":{"command":"PASS","args":["secret"]},"response":{\#
                "success":false,"status":"ERR","header":"no such pair","data":[]}}}
                """#,
            [
                "event.action": "pass", "event.category": #"["network","authentication"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol","info"]"#, "network.direction": "inbound",
                "network.protocol": "pop3", "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }

    @Test("An answer to a challenge")
    func challenge() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pop3",\#
                "src_ip":"203.0.113.80","src_port":38571,"dest_ip":"192.168.77.5","dest_port":110,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pop3":{"request":{"command":"<SASL DATA>"},"response":{"success":true,\#
                "status":"OK","header":"Welcome."}}}
                """#,
            [
                "event.action": "sasl_data", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "inbound",
                "network.protocol": "pop3", "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }
}
