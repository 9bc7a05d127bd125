import Testing

@testable import ECSTransformer

@Suite("anomaly")
struct AnomalyTests {
    @Test("A packet that breaks the rules of its protocol")
    func packet() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"anomaly",\#
                "src_ip":"198.51.100.66","src_port":0,"dest_ip":"192.168.77.5","dest_port":0,"proto":"UDP",\#
                "pkt_src":"wire/pcap","anomaly":{"type":"decode","event":"decoder.udp.pkt_too_small"},\#
                "packet_info":{"linktype":1}}
                """#,
            [
                "event.action": "decoder.udp.pkt_too_small", "event.category": #"["network"]"#,
                "event.code": "decoder.udp.pkt_too_small", "event.kind": "event", "event.type": #"["info"]"#,
                "network.direction": "inbound", "observer.type": "ids",
                "related.ip": #"["198.51.100.66","192.168.77.5"]"#,
            ])
    }

    @Test("A protocol that was seen in one direction only, on a packet of the server")
    func protocolDetection() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"anomaly",\#
                "src_ip":"192.168.77.5","src_port":21,"dest_ip":"198.51.100.66","dest_port":50494,"proto":"TCP",\#
                "pkt_src":"wire/pcap","anomaly":{"app_proto":"ftp","type":"applayer",\#
                "event":"APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION","layer":"proto_detect"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "applayer_detect_protocol_only_one_direction", "event.category": #"["network"]"#,
                "event.code": "APPLAYER_DETECT_PROTOCOL_ONLY_ONE_DIRECTION", "event.kind": "event",
                "event.type": #"["info"]"#, "network.direction": "outbound", "network.protocol": "ftp",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","198.51.100.66"]"#,
            ])
    }

    @Test("The code of old releases, and the object of the protocol beside it")
    func code() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"anomaly",\#
                "src_ip":"192.168.77.20","src_port":40860,"dest_ip":"203.0.113.80","dest_port":80,"proto":"TCP",\#
                "pkt_src":"wire/pcap","anomaly":{"type":"applayer","code":123,"app_proto":"http"},"http":{\#
                "hostname":"shop.example","url":"/cart","http_method":"GET","protocol":"HTTP/1.1"}}
                """#,
            [
                "destination.domain": "shop.example", "event.action": "suricata_anomaly",
                "event.category": #"["network"]"#, "event.code": "123", "event.kind": "event",
                "event.type": #"["info"]"#, "http.request.method": "GET", "http.version": "1.1",
                "network.direction": "outbound", "network.protocol": "http", "observer.type": "ids",
                "related.hosts": #"["shop.example"]"#, "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "server.domain": "shop.example", "url.domain": "shop.example", "url.full": "http://shop.example/cart",
                "url.original": "/cart", "url.path": "/cart", "url.scheme": "http",
            ])
    }
}
