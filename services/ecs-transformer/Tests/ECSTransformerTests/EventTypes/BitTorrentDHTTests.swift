import Testing

@testable import ECSTransformer

@Suite("bittorrent_dht")
struct BitTorrentDHTTests {
    @Test("A request")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,\#
                "event_type":"bittorrent_dht","src_ip":"192.168.77.20","src_port":42710,"dest_ip":"203.0.113.80",\#
                "dest_port":6881,"proto":"UDP","pkt_src":"wire/pcap","bittorrent_dht":{"transaction_id":"6161",\#
                "client_version":"55543031","request_type":"get_peers","request":{\#
                "id":"6162636465666768696a30313233343536373839",\#
                "info_hash":"6d6e6f707172737475767778797a313233343536"}}}
                """#,
            [
                "event.action": "get_peers", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "bittorrent-dht",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
            ])
    }

    @Test("A response with peers comes from the side that was asked")
    func response() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,\#
                "event_type":"bittorrent_dht","src_ip":"203.0.113.80","src_port":6881,"dest_ip":"192.168.77.20",\#
                "dest_port":42710,"proto":"UDP","pkt_src":"wire/pcap","bittorrent_dht":{"transaction_id":"6161",\#
                "response":{"id":"6d6e6f707172737475767778797a313233343536","token":"616f6575736e7468","values":[{\#
                "ip":"198.51.100.7","port":11893},{"ip":"0.0.0.0","port":1}]}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_bittorrent_dht", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "inbound",
                "network.protocol": "bittorrent-dht", "observer.type": "ids",
                "related.ip": #"["203.0.113.80","192.168.77.20","198.51.100.7"]"#,
            ])
    }

    @Test("An error")
    func error() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,\#
                "event_type":"bittorrent_dht","src_ip":"203.0.113.80","src_port":6881,"dest_ip":"192.168.77.20",\#
                "dest_port":42710,"proto":"UDP","pkt_src":"wire/pcap","bittorrent_dht":{"transaction_id":"6163",\#
                "error":{"num":201,"msg":"A Generic Error Ocurred"}}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_bittorrent_dht", "event.category": #"["network"]"#, "event.code": "201",
                "event.kind": "event", "event.outcome": "failure", "event.reason": "A Generic Error Ocurred",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "bittorrent-dht",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.20"]"#,
            ])
    }
}
