import Testing

@testable import ECSTransformer

@Suite("snmp")
struct SNMPTests {
    @Test("A request; the community, which is a password, goes into no field")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"snmp",\#
                "src_ip":"198.51.100.66","src_port":56104,"dest_ip":"192.168.77.5","dest_port":161,"proto":"UDP",\#
                "pkt_src":"wire/pcap","snmp":{"version":2,"pdu_type":"get_next_request","vars":["0"],\#
                "community":"public"}}
                """#,
            [
                "event.action": "get_next_request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "snmp",
                "observer.type": "ids", "related.ip": #"["198.51.100.66","192.168.77.5"]"#,
            ])
    }

    @Test("A response with an error, by a user")
    func response() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"snmp",\#
                "src_ip":"192.168.77.5","src_port":161,"dest_ip":"192.168.77.20","dest_port":56464,"proto":"UDP",\#
                "pkt_src":"wire/pcap","snmp":{"version":3,"pdu_type":"response","error":"ErrorStatus(6)",\#
                "vars":["1.3.6.1.2.1.1.6.0"],"usm":"anna"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "response", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "snmp", "observer.type": "ids",
                "related.ip": #"["192.168.77.5","192.168.77.20"]"#, "related.user": #"["anna"]"#, "user.name": "anna",
            ])
    }

    @Test("A trap")
    func trap() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"snmp",\#
                "src_ip":"192.168.77.5","src_port":1040,"dest_ip":"192.168.77.20","dest_port":162,"proto":"UDP",\#
                "pkt_src":"wire/pcap","snmp":{"version":1,"pdu_type":"trap_v1","trap_type":"coldStart",\#
                "trap_oid":"1.3.6.1.4.1.4.1.2.21","trap_address":"192.168.77.9","community":"public"}}
                """#,
            [
                "event.action": "trap_v1", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "snmp",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","192.168.77.20","192.168.77.9"]"#,
            ])
    }
}
