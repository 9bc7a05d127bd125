import Testing

@testable import ECSTransformer

@Suite("A type that is not known")
struct UnknownTypeTests {
    @Test("Stays in the event, under its name")
    func event() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"NewProto",\#
                "src_ip":"192.168.77.20","src_port":55233,"dest_ip":"203.0.113.80","dest_port":7777,"proto":"TCP",\#
                "pkt_src":"wire/pcap","newproto":{"command":"HELLO","arguments":[1,{"two":3.5}]}}
                """#,
            [
                "event.action": "suricata_newproto", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "outbound", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
            ])
    }
}
