import Testing

@testable import ECSTransformer

@Suite("krb5")
struct Krb5Tests {
    @Test("A request says who asks")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"krb5",\#
                "src_ip":"203.0.113.80","src_port":36792,"dest_ip":"192.168.77.5","dest_port":88,"proto":"UDP",\#
                "pkt_src":"wire/pcap","krb5":{"msg_type":"KRB_AS_REQ","cname":"anna","realm":"HOME.EXAMPLE",\#
                "sname":"krbtgt/HOME.EXAMPLE","encryption":"<none>","weak_encryption":false}}
                """#,
            [
                "event.action": "krb_as_req", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "krb5",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
                "related.user": #"["anna"]"#, "user.domain": "HOME.EXAMPLE", "user.name": "anna",
            ])
    }

    @Test("A ticket is a login that has worked")
    func ticket() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"krb5",\#
                "src_ip":"192.168.77.5","src_port":88,"dest_ip":"203.0.113.80","dest_port":36792,"proto":"UDP",\#
                "pkt_src":"wire/pcap","krb5":{"msg_type":"KRB_TGS_REP","cname":"anna","realm":"HOME.EXAMPLE",\#
                "sname":"HTTP/files.home.example","encryption":"rc4-hmac","weak_encryption":true,\#
                "ticket_encryption":"rc4-hmac"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "krb_tgs_rep", "event.category": #"["network","authentication"]"#,
                "event.kind": "event", "event.outcome": "success", "event.type": #"["protocol","start"]"#,
                "network.direction": "outbound", "network.protocol": "krb5", "observer.type": "ids",
                "related.hosts": #"["files.home.example"]"#, "related.ip": #"["192.168.77.5","203.0.113.80"]"#,
                "related.user": #"["anna"]"#, "user.domain": "HOME.EXAMPLE", "user.name": "anna",
            ])
    }

    @Test("That a password is wanted is no failed login")
    func preauthentication() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"krb5",\#
                "src_ip":"192.168.77.5","src_port":88,"dest_ip":"203.0.113.80","dest_port":36792,"proto":"UDP",\#
                "pkt_src":"wire/pcap","krb5":{"msg_type":"KRB_ERROR","failed_request":"KRB_AS_REQ",\#
                "error_code":"KDC_ERR_PREAUTH_REQUIRED","cname":"<empty>","realm":"<empty>",\#
                "sname":"krbtgt/HOME.EXAMPLE","encryption":"<none>","weak_encryption":false}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "krb_error", "event.category": #"["network"]"#,
                "event.code": "KDC_ERR_PREAUTH_REQUIRED", "event.kind": "event", "event.outcome": "failure",
                "event.type": #"["protocol"]"#, "network.direction": "outbound", "network.protocol": "krb5",
                "observer.type": "ids", "related.ip": #"["192.168.77.5","203.0.113.80"]"#,
            ])
    }

    @Test("A wrong password is one")
    func refusal() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"krb5",\#
                "src_ip":"203.0.113.80","src_port":36792,"dest_ip":"192.168.77.5","dest_port":88,"proto":"TCP",\#
                "pkt_src":"wire/pcap","krb5":{"msg_type":"KRB_ERROR","failed_request":"KRB_AS_REQ",\#
                "error_code":"KDC_ERR_PREAUTH_FAILED","cname":"anna","realm":"HOME.EXAMPLE",\#
                "sname":"krbtgt/HOME.EXAMPLE"}}
                """#,
            [
                "event.action": "krb_error", "event.category": #"["network","authentication"]"#,
                "event.code": "KDC_ERR_PREAUTH_FAILED", "event.kind": "event", "event.outcome": "failure",
                "event.type": #"["protocol","info"]"#, "network.direction": "inbound", "network.protocol": "krb5",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
                "related.user": #"["anna"]"#, "user.domain": "HOME.EXAMPLE", "user.name": "anna",
            ])
    }
}
