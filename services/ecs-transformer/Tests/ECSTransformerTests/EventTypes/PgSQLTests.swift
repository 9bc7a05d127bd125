import Testing

@testable import ECSTransformer

@Suite("pgsql")
struct PgSQLTests {
    @Test("Who starts a session")
    func startup() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pgsql",\#
                "src_ip":"203.0.113.80","src_port":44858,"dest_ip":"192.168.77.5","dest_port":5432,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pgsql":{"tx_id":1,"request":{"protocol_version":"3.0","startup_parameters":{\#
                "user":"anna","optional_parameters":[{"database":"household"}]}},"response":{\#
                "message":"authentication_cleartext_password"}}}
                """#,
            [
                "event.action": "startup", "event.category": #"["network","database"]"#, "event.kind": "event",
                "event.type": #"["protocol","access"]"#, "network.direction": "inbound", "network.protocol": "pgsql",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
                "related.user": #"["anna"]"#, "user.name": "anna",
            ])
    }

    @Test("A login that has worked")
    func login() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pgsql",\#
                "src_ip":"203.0.113.80","src_port":44858,"dest_ip":"192.168.77.5","dest_port":5432,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pgsql":{"tx_id":2,"request":{"password":"secret"},"response":{\#
                "message":"authentication_ok","process_id":77}}}
                """#,
            [
                "event.action": "suricata_pgsql", "event.category": #"["network","database","authentication"]"#,
                "event.kind": "event", "event.outcome": "success", "event.type": #"["protocol","access","start"]"#,
                "network.direction": "inbound", "network.protocol": "pgsql", "observer.type": "ids",
                "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }

    @Test("A login that was refused")
    func refusal() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pgsql",\#
                "src_ip":"203.0.113.80","src_port":44858,"dest_ip":"192.168.77.5","dest_port":5432,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pgsql":{"tx_id":2,"request":{"password_redacted":true},"response":{\#
                "severity_localizable":"FATAL","severity_non_localizable":"FATAL","code":"28P01",\#
                "message":"password authentication failed"}}}
                """#,
            [
                "event.action": "suricata_pgsql", "event.category": #"["network","database","authentication"]"#,
                "event.code": "28P01", "event.kind": "event", "event.outcome": "failure",
                "event.reason": "password authentication failed", "event.type": #"["protocol","access","info"]"#,
                "network.direction": "inbound", "network.protocol": "pgsql", "observer.type": "ids",
                "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }

    @Test("A query, whose text goes into no field")
    func query() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pgsql",\#
                "src_ip":"203.0.113.80","src_port":44858,"dest_ip":"192.168.77.5","dest_port":5432,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pgsql":{"tx_id":3,"request":{"simple_query":"select * from ledger"},\#
                "response":{"field_count":7,"data_rows":12,"command_completed":"SELECT 12"}}}
                """#,
            [
                "event.action": "simple_query", "event.category": #"["network","database"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol","access"]"#, "network.direction": "inbound",
                "network.protocol": "pgsql", "observer.type": "ids",
                "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }

    @Test("Another request")
    func termination() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"pgsql",\#
                "src_ip":"203.0.113.80","src_port":44858,"dest_ip":"192.168.77.5","dest_port":5432,"proto":"TCP",\#
                "pkt_src":"wire/pcap","pgsql":{"tx_id":4,"request":{"message":"SSL Request"},"response":{\#
                "ssl_accepted":false}}}
                """#,
            [
                "event.action": "ssl_request", "event.category": #"["network","database"]"#, "event.kind": "event",
                "event.type": #"["protocol","access"]"#, "network.direction": "inbound", "network.protocol": "pgsql",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }
}
