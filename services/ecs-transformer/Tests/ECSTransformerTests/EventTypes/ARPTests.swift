import Testing

@testable import ECSTransformer

@Suite("arp")
struct ARPTests {
    @Test("A question for an address: the ends are in the object, and the other MAC address is not known")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"arp","arp":{\#
                "hw_type":"ethernet","proto_type":"ipv4","opcode":"request","src_mac":"02:00:00:00:77:20",\#
                "src_ip":"192.168.77.20","dest_mac":"00:00:00:00:00:00","dest_ip":"192.168.77.1"}}
                """#,
            [
                "event.action": "request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "arp",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.1"]"#,
                "source.mac": "02-00-00-00-77-20",
            ])
    }

    @Test("The addresses of the frame are not those of the ends")
    func frame() throws {
        let event = try map(
            "arp",
            #"""
            "ether":{"src_mac":"02:00:00:00:77:99","dest_mac":"ff:ff:ff:ff:ff:ff"},"arp":{"opcode":"request",\#
            "src_mac":"02:00:00:00:77:20","dest_mac":"00:00:00:00:00:00"}
            """#)
        expect(event, ["source.mac": "02-00-00-00-77-20", "destination.mac": nil])
    }

    @Test("The answer")
    func reply() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"arp","arp":{\#
                "hw_type":"ethernet","proto_type":"ipv4","opcode":"reply","src_mac":"02:00:00:00:77:01",\#
                "src_ip":"192.168.77.1","dest_mac":"02:00:00:00:77:20","dest_ip":"192.168.77.20"}}
                """#,
            [
                "destination.mac": "02-00-00-00-77-20", "event.action": "reply", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "arp", "observer.type": "ids", "related.ip": #"["192.168.77.1","192.168.77.20"]"#,
                "source.mac": "02-00-00-00-77-01",
            ])
    }
}
