import Testing

@testable import ECSTransformer

@Suite("ike")
struct IKETests {
    @Test("Version 1")
    func version1() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ike",\#
                "src_ip":"198.51.100.66","src_port":56104,"dest_ip":"192.168.77.5","dest_port":500,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ike":{"version_major":1,"version_minor":0,"init_spi":"0011223344556677",\#
                "resp_spi":"0000000000000000","message_id":0,"exchange_type":2,"payload":["SecurityAssociation",\#
                "Transform"],"ikev1":{"doi":1,"encrypted_payloads":false}}}
                """#,
            [
                "event.action": "identity_protection", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "ike",
                "observer.type": "ids", "related.ip": #"["198.51.100.66","192.168.77.5"]"#,
            ])
    }

    @Test("Version 2, from the responder")
    func version2() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ike",\#
                "src_ip":"203.0.113.80","src_port":500,"dest_ip":"192.168.77.20","dest_port":56378,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ike":{"version_major":2,"version_minor":0,"init_spi":"696e697473706931",\#
                "resp_spi":"7265737073706931","message_id":0,"exchange_type":34,"role":"responder",\#
                "alg_enc":"ENCR_AES_CBC","ikev2":{"errors":0}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "ike_sa_init", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "ike",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }

    @Test("An exchange that has no name is its number")
    func unknownExchange() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ike",\#
                "src_ip":"192.168.77.20","src_port":500,"dest_ip":"203.0.113.80","dest_port":500,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ike":{"version_major":2,"exchange_type":240}}
                """#,
            [
                "event.action": "240", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "ike",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
            ])
    }
}
