import Testing

@testable import ECSTransformer

@Suite("ldap")
struct LDAPTests {
    @Test("A login")
    func bind() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ldap",\#
                "src_ip":"192.168.77.20","src_port":50389,"dest_ip":"192.168.77.5","dest_port":389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ldap":{"request":{"message_id":1,"operation":"bind_request","bind_request":{\#
                "version":3,"name":"uid=anna,dc=home,dc=example"}},"responses":[{"operation":"bind_response",\#
                "message_id":1,"bind_response":{"result_code":"invalid_credentials","matched_dn":"",\#
                "message":""}}]}}
                """#,
            [
                "event.action": "bind_request", "event.category": #"["network","authentication"]"#,
                "event.kind": "event", "event.outcome": "failure", "event.type": #"["protocol","info"]"#,
                "network.direction": "internal", "network.protocol": "ldap", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
                "related.user": #"["uid=anna,dc=home,dc=example"]"#, "user.name": "uid=anna,dc=home,dc=example",
            ])
    }

    @Test("A login that goes on")
    func challenge() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ldap",\#
                "src_ip":"192.168.77.20","src_port":50389,"dest_ip":"192.168.77.5","dest_port":389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ldap":{"request":{"message_id":1,"operation":"bind_request","bind_request":{\#
                "version":3,"name":"","sasl":{"mechanism":"CRAM-MD5"}}},"responses":[{"operation":"bind_response",\#
                "bind_response":{"result_code":"sasl_bind_in_progress","matched_dn":"","message":""}}]}}
                """#,
            [
                "event.action": "bind_request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "ldap",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A search with two responses")
    func search() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ldap",\#
                "src_ip":"192.168.77.20","src_port":50389,"dest_ip":"192.168.77.5","dest_port":389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ldap":{"request":{"message_id":2,"operation":"search_request",\#
                "search_request":{"base_object":"dc=home,dc=example","scope":2}},"responses":[{\#
                "operation":"search_result_entry","search_result_entry":{"base_object":"dc=home,dc=example"}},{\#
                "operation":"search_result_done","search_result_done":{"result_code":"success","matched_dn":"",\#
                "message":""}}]}}
                """#,
            [
                "event.action": "search_request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "ldap", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A response that nobody asked for, from the server")
    func notice() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ldap",\#
                "src_ip":"192.168.77.5","src_port":389,"dest_ip":"192.168.77.20","dest_port":50389,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ldap":{"responses":[{"operation":"extended_response","extended_response":{\#
                "result_code":"unavailable","name":"1.3.6.1.4.1.1466.20036"}}]}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "extended_response", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "ldap", "observer.type": "ids",
                "related.ip": #"["192.168.77.5","192.168.77.20"]"#,
            ])
    }
}
