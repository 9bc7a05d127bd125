import Testing

@testable import ECSTransformer

@Suite("ikev2")
struct IKEv2Tests {
    @Test("The name of old releases")
    func oldName() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ikev2",\#
                "src_ip":"192.168.77.20","src_port":500,"dest_ip":"203.0.113.80","dest_port":500,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ikev2":{"version_major":2,"version_minor":0,"exchange_type":35,\#
                "message_id":1,"init_spi":"696e697473706931","resp_spi":"7265737073706931","role":"initiator",\#
                "errors":0,"payload":[],"notify":[]}}
                """#,
            [
                "event.action": "ike_auth", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "ike",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
            ])
    }
}
