import Testing

@testable import ECSTransformer

@Suite("template")
struct TemplateTests {
    @Test("Stays in the event")
    func event() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"template",\#
                "src_ip":"192.168.77.20","src_port":58352,"dest_ip":"192.168.77.5","dest_port":7000,"proto":"TCP",\#
                "pkt_src":"wire/pcap","template":{"request":"Hello World!","response":"Bye"}}
                """#,
            [
                "event.action": "suricata_template", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "internal", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
