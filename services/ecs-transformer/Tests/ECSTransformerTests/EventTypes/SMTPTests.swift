import Testing

@testable import ECSTransformer

@Suite("smtp")
struct SMTPTests {
    @Test("A mail with sender, recipients and header")
    func mail() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smtp",\#
                "src_ip":"192.168.77.20","src_port":37492,"dest_ip":"198.51.100.25","dest_port":25,"proto":"TCP",\#
                "pkt_src":"wire/pcap","tx_id":0,"smtp":{"helo":"client.home.example",\#
                "mail_from":"<anna@post.example>","rcpt_to":["<bert@post.example>","<carla@post.example>"]},\#
                "email":{"status":"PARSE_DONE","from":"Anna <anna@post.example>","to":["Bert <bert@post.example>"],\#
                "subject":"Hello"}}
                """#,
            [
                "email.from.address": #"["anna@post.example"]"#, "email.sender.address": "anna@post.example",
                "email.subject": "Hello", "email.to.address": #"["bert@post.example","carla@post.example"]"#,
                "event.action": "suricata_smtp", "event.category": #"["network","email"]"#, "event.kind": "event",
                "event.type": #"["protocol","info"]"#, "network.direction": "outbound", "network.protocol": "smtp",
                "observer.type": "ids", "related.hosts": #"["client.home.example","post.example"]"#,
                "related.ip": #"["192.168.77.20","198.51.100.25"]"#,
                "related.user": #"["anna@post.example","bert@post.example","carla@post.example"]"#,
            ])
    }

    @Test("A client that has only an address")
    func address() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"smtp",\#
                "src_ip":"192.168.77.20","src_port":37538,"dest_ip":"198.51.100.25","dest_port":25,"proto":"TCP",\#
                "pkt_src":"wire/pcap","smtp":{"helo":"[203.0.113.9]","mail_from":"<>"}}
                """#,
            [
                "event.action": "suricata_smtp", "event.category": #"["network","email"]"#, "event.kind": "event",
                "event.type": #"["protocol","info"]"#, "network.direction": "outbound", "network.protocol": "smtp",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","198.51.100.25","203.0.113.9"]"#,
            ])
    }
}
