import Testing

@testable import ECSTransformer

@Suite("netflow")
struct NetflowTests {
    @Test("What one side has sent")
    func direction() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"netflow",\#
                "src_ip":"203.0.113.80","src_port":55090,"dest_ip":"192.168.77.5","dest_port":80,"proto":"TCP",\#
                "pkt_src":"wire/pcap","app_proto":"http","netflow":{"pkts":5,"bytes":670,\#
                "start":"2026-02-01T12:34:50.171040+0000","end":"2026-02-01T12:34:50.355351+0000","age":0,\#
                "min_ttl":63,"max_ttl":63},"tcp":{"tcp_flags":"1e","syn":true},"ether":{\#
                "dest_macs":["02:00:00:00:77:05"],"src_macs":["02:00:00:00:77:01"]}}
                """#,
            [
                "client.bytes": "670", "client.mac": "02-00-00-00-77-01", "client.packets": "5",
                "destination.mac": "02-00-00-00-77-05", "event.action": "suricata_netflow",
                "event.category": #"["network"]"#, "event.duration": "184311000",
                "event.end": "2026-02-01T12:34:50.355351Z", "event.kind": "event",
                "event.start": "2026-02-01T12:34:50.171040Z", "event.type": #"["connection","info"]"#,
                "network.bytes": "670", "network.direction": "inbound", "network.packets": "5",
                "network.protocol": "http", "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
                "server.mac": "02-00-00-00-77-05", "source.bytes": "670", "source.mac": "02-00-00-00-77-01",
                "source.packets": "5",
            ])
    }

    @Test("The way back comes from the server")
    func wayBack() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"netflow",\#
                "src_ip":"192.168.77.5","src_port":80,"dest_ip":"203.0.113.80","dest_port":55090,"proto":"TCP",\#
                "pkt_src":"wire/pcap","app_proto":"unknown","netflow":{"pkts":4,"bytes":0,\#
                "start":"2026-02-01T12:34:50.171040+0000","end":"2026-02-01T12:34:50.171040+0000","age":0}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "suricata_netflow", "event.category": #"["network"]"#, "event.duration": "0",
                "event.end": "2026-02-01T12:34:50.171040Z", "event.kind": "event",
                "event.start": "2026-02-01T12:34:50.171040Z", "event.type": #"["connection","info"]"#,
                "network.bytes": "0", "network.direction": "outbound", "network.packets": "4", "observer.type": "ids",
                "related.ip": #"["192.168.77.5","203.0.113.80"]"#, "server.bytes": "0", "server.packets": "4",
                "source.bytes": "0", "source.packets": "4",
            ])
    }
}
