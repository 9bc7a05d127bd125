import Testing

@testable import ECSTransformer

@Suite("enip")
struct ENIPTests {
    @Test("A command and its response")
    func identity() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"enip",\#
                "src_ip":"192.168.77.20","src_port":31304,"dest_ip":"192.168.77.5","dest_port":44818,"proto":"TCP",\#
                "pkt_src":"wire/pcap","enip":{"request":{"command":"list_identity","status":"success"},"response":{\#
                "command":"list_identity","status":"success","identity":{"vendor_id":"Example Works",\#
                "serial":5393806}}}}
                """#,
            [
                "event.action": "list_identity", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "enip", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A request inside of it that failed")
    func failure() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"enip",\#
                "src_ip":"192.168.77.20","src_port":31304,"dest_ip":"192.168.77.5","dest_port":44818,"proto":"TCP",\#
                "pkt_src":"wire/pcap","enip":{"request":{"command":"send_unit_data","status":"success","cip":{\#
                "service":"Get Attribute List"}},"response":{"command":"send_unit_data","status":"success","cip":{\#
                "service":"Get Attribute List","status":"Path Segment Error"}}}}
                """#,
            [
                "event.action": "send_unit_data", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "enip", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
