import Testing

@testable import ECSTransformer

@Suite("ftp")
struct FTPTests {
    @Test("A name; the answer asks for a password, so that nothing is decided")
    func user() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ftp",\#
                "src_ip":"198.51.100.66","src_port":50494,"dest_ip":"192.168.77.5","dest_port":21,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ftp":{"command":"USER","command_data":"anna","command_truncated":false,\#
                "completion_code":["331"],"reply":["Username ok, send password."],"reply_received":"yes"}}
                """#,
            [
                "event.action": "user", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "ftp",
                "observer.type": "ids", "related.ip": #"["198.51.100.66","192.168.77.5"]"#,
                "related.user": #"["anna"]"#, "user.name": "anna",
            ])
    }

    @Test("A wrong password, which goes into no field")
    func wrongPassword() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ftp",\#
                "src_ip":"198.51.100.66","src_port":50494,"dest_ip":"192.168.77.5","dest_port":21,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ftp":{"command":"PASS","command_data":"secret","completion_code":["530"],\#
                "reply":["Authentication failed."],"reply_received":"yes"}}
                """#,
            [
                "event.action": "pass", "event.category": #"["network","authentication"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol","info"]"#, "network.direction": "inbound",
                "network.protocol": "ftp", "observer.type": "ids", "related.ip": #"["198.51.100.66","192.168.77.5"]"#,
            ])
    }

    @Test("A right password")
    func rightPassword() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ftp",\#
                "src_ip":"192.168.77.20","src_port":47844,"dest_ip":"192.168.77.5","dest_port":21,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ftp":{"command":"PASS","command_data":"secret","completion_code":["230"],\#
                "reply":["Login successful."],"reply_received":"yes"}}
                """#,
            [
                "event.action": "pass", "event.category": #"["network","authentication"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol","start"]"#, "network.direction": "internal",
                "network.protocol": "ftp", "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A file")
    func file() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ftp",\#
                "src_ip":"192.168.77.20","src_port":40040,"dest_ip":"198.51.100.21","dest_port":21,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ftp":{"command":"RETR","command_data":"/pub/report.csv",\#
                "completion_code":["150","226"],"reply":["File status okay.","Transfer complete."],\#
                "dynamic_port":46707,"mode":"passive"}}
                """#,
            [
                "event.action": "retr", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "file.extension": "csv",
                "file.name": "report.csv", "file.path": "/pub/report.csv", "network.direction": "outbound",
                "network.protocol": "ftp", "observer.type": "ids",
                "related.ip": #"["192.168.77.20","198.51.100.21"]"#,
            ])
    }
}
