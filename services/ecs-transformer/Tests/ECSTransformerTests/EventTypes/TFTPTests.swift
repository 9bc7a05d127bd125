import Testing

@testable import ECSTransformer

@Suite("tftp")
struct TFTPTests {
    @Test("A request for a file")
    func read() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"tftp",\#
                "src_ip":"192.168.77.20","src_port":44744,"dest_ip":"192.168.77.5","dest_port":69,"proto":"UDP",\#
                "pkt_src":"wire/pcap","tftp":{"packet":"read","file":"firmware.bin","mode":"netascii"}}
                """#,
            [
                "event.action": "read", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "file.extension": "bin", "file.name": "firmware.bin",
                "network.direction": "internal", "network.protocol": "tftp", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
