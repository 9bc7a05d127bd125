import Testing

@testable import ECSTransformer

@Suite("email")
struct EmailTests {
    @Test("The header, beside a file that came with the mail")
    func header() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"fileinfo",\#
                "src_ip":"192.168.77.20","src_port":37492,"dest_ip":"198.51.100.25","dest_port":25,"proto":"TCP",\#
                "pkt_src":"wire/pcap","app_proto":"smtp","email":{"status":"PARSE_DONE","from":"\"Example,\#
                 Anna\" <anna@post.example>","to":["Bert <bert@post.example>, carla@post.example (Carla)",\#
                "undisclosed-recipients:;"],"cc":["dora@post.example"],"reply_to":"household@post.example",\#
                "attachment":["invoice.pdf.exe","say \"hi\".txt"],"url":["beacon.bad.example/x.",\#
                "https://user@www.shop.example:8443/login?a=b","198.51.100.9"],\#
                "message_id":"<20260206101112.1@post.example>","subject":"Invoice of February",\#
                "x_mailer":"Fixture Mailer 1.0","date":"Fri, 06 Feb 2026 10:11:12 +0100",\#
                "subject_md5":"af85b02af598c7b4319250e6e5216b76"},"fileinfo":{"filename":"invoice.pdf.exe",\#
                "state":"CLOSED","stored":false,"size":68}}
                """#,
            [
                "email.attachments": #"[{"file":{"name":"invoice.pdf.exe"}},{"file":{"name":"say \"hi\".txt"}}]"#,
                "email.cc.address": #"["dora@post.example"]"#, "email.from.address": #"["anna@post.example"]"#,
                "email.message_id": "20260206101112.1@post.example",
                "email.origination_timestamp": "2026-02-06T09:11:12.000000Z",
                "email.reply_to.address": #"["household@post.example"]"#, "email.subject": "Invoice of February",
                "email.to.address": #"["bert@post.example","carla@post.example"]"#,
                "email.x_mailer": "Fixture Mailer 1.0", "event.action": "suricata_fileinfo",
                "event.category": #"["network","file"]"#, "event.kind": "event", "event.type": #"["info"]"#,
                "file.extension": "exe", "file.name": "invoice.pdf.exe", "file.size": "68",
                "network.direction": "outbound", "network.protocol": "smtp", "observer.type": "ids",
                "related.hosts": #"["post.example","beacon.bad.example","www.shop.example","198.51.100.9"]"#,
                "related.ip": #"["192.168.77.20","198.51.100.25"]"#,
                "related.user":
                    #"["anna@post.example","bert@post.example","carla@post.example","dora@post.example","#
                    + #""household@post.example"]"#,
            ])
    }
}
