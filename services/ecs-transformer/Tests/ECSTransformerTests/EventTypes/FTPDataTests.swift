import Testing

@testable import ECSTransformer

@Suite("ftp_data")
struct FTPDataTests {
    @Test("A transfer in active mode, which the file server has opened")
    func transfer() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ftp_data",\#
                "src_ip":"198.51.100.21","src_port":20,"dest_ip":"192.168.77.20","dest_port":60718,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ftp_data":{"filename":"report.csv","command":"RETR"}}
                """#,
            [
                "event.action": "retr", "event.category": #"["network","file"]"#, "event.kind": "event",
                "event.type": #"["protocol","access"]"#, "file.extension": "csv", "file.name": "report.csv",
                "network.direction": "inbound", "network.protocol": "ftp", "observer.type": "ids",
                "related.ip": #"["198.51.100.21","192.168.77.20"]"#,
            ])
    }
}
