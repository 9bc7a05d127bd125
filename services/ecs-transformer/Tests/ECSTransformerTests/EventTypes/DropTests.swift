import Testing

@testable import ECSTransformer

@Suite("drop")
struct DropTests {
    @Test("By a rule, with the alert")
    func rule() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"drop",\#
                "src_ip":"203.0.113.80","src_port":46966,"dest_ip":"192.168.77.5","dest_port":23,"proto":"TCP",\#
                "pkt_src":"wire/pcap","direction":"to_server","drop":{"len":60,"tos":0,"ttl":63,"ipid":41675,\#
                "tcpseq":2525221721,"tcpack":0,"tcpwin":64240,"syn":true,"ack":false,"reason":"rules"},"alert":{\#
                "action":"blocked","gid":1,"signature_id":9000701,"rev":1,"signature":"HOME BLOCKED Telnet",\#
                "category":"Policy Violation","severity":3}}
                """#,
            [
                "event.action": "drop", "event.category": #"["network","intrusion_detection"]"#,
                "event.kind": "event", "event.reason": "rules", "event.severity": "3",
                "event.type": #"["denied","connection"]"#, "message": "Policy Violation",
                "network.direction": "inbound", "observer.type": "ips",
                "related.ip": #"["203.0.113.80","192.168.77.5"]"#, "rule.category": "Policy Violation",
                "rule.id": "9000701", "rule.name": "HOME BLOCKED Telnet", "rule.uuid": "1:9000701:1",
                "rule.version": "1", "suricata.severity": "3", "suricata.signature": "HOME BLOCKED Telnet",
            ])
    }

    @Test("With its flow, on a packet of the server")
    func flow() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"drop",\#
                "src_ip":"203.0.113.80","src_port":443,"dest_ip":"192.168.77.20","dest_port":49888,"proto":"TCP",\#
                "pkt_src":"wire/pcap","drop":{"len":60,"reason":"flow drop"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "drop", "event.category": #"["network"]"#, "event.kind": "event",
                "event.reason": "flow drop", "event.type": #"["denied","connection"]"#,
                "network.direction": "inbound", "observer.type": "ips",
                "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }

    @Test("Without the packet's header")
    func withoutObject() throws {
        let event = try map("drop", #""alert":{"action":"blocked","signature_id":1}"#)
        expect(
            event,
            [
                "event.action": "drop", "event.category": #"["network","intrusion_detection"]"#,
                "event.type": #"["denied","connection"]"#, "event.kind": "event", "rule.id": "1",
            ])
        expect(try map("drop", #""pcap_cnt":1"#), ["event.action": "drop", "event.category": #"["network"]"#])
    }
}
