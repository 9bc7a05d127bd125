import Testing

@testable import ECSTransformer

@Suite("dns")
struct DNSTests {
    @Test("An answer of version 2, seen from the side that asks; one address is there in two spellings")
    func wholeAnswer() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dns",\#
                "src_ip":"192.168.77.20","src_port":47793,"dest_ip":"203.0.113.200","dest_port":53,"proto":"UDP",\#
                "pkt_src":"wire/pcap","dns":{"version":2,"type":"answer","id":58644,"flags":"8500","qr":true,\#
                "aa":true,"rd":true,"opcode":0,"rrname":"shop.example","rrtype":"AAAA","rcode":"NOERROR",\#
                "answers":[{"rrname":"shop.example","rrtype":"CNAME","ttl":600,"rdata":"www.shop.example"},{\#
                "rrname":"www.shop.example","rrtype":"AAAA","ttl":600,\#
                "rdata":"2001:0db8:0080:0000:0000:0000:0000:0080"},{"rrname":"www.shop.example","rrtype":"AAAA",\#
                "ttl":600,"rdata":"2001:db8:80::80"}],"grouped":{\#
                "AAAA":["2001:0db8:0080:0000:0000:0000:0000:0080"]},"authorities":[{"rrname":"zone.example",\#
                "rrtype":"NS","ttl":600,"rdata":"ns.shop.example"}]}}
                """#,
            [
                "dns.answers":
                    #"[{"name":"shop.example","data":"www.shop.example","type":"CNAME","ttl":600},"#
                    + #"{"name":"www.shop.example","data":"2001:0db8:0080:0000:0000:0000:0000:0080","type":"AAAA","#
                    + #""ttl":600},{"name":"www.shop.example","data":"2001:db8:80::80","type":"AAAA","ttl":600}]"#,
                "dns.header_flags": #"["AA","RD"]"#, "dns.id": "58644", "dns.op_code": "QUERY",
                "dns.question.class": "IN", "dns.question.name": "shop.example", "dns.question.type": "AAAA",
                "dns.resolved_ip": #"["2001:0db8:0080:0000:0000:0000:0000:0080"]"#, "dns.response_code": "NOERROR",
                "dns.type": "answer", "event.action": "answer", "event.category": #"["network"]"#,
                "event.kind": "event", "event.outcome": "success", "event.type": #"["protocol"]"#,
                "network.direction": "outbound", "network.protocol": "dns", "observer.type": "ids",
                "related.hosts": #"["shop.example","www.shop.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.200","2001:0db8:0080:0000:0000:0000:0000:0080"]"#,
            ])
    }

    @Test("An answer of version 3, which comes from the server and repeats two questions")
    func wholeResponse() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dns",\#
                "src_ip":"203.0.113.53","src_port":53,"dest_ip":"192.168.77.20","dest_port":39464,"proto":"UDP",\#
                "pkt_src":"wire/pcap","dns":{"version":3,"type":"response","tx_id":1,"id":3,"flags":"8183",\#
                "qr":true,"rd":true,"ra":true,"opcode":0,"rcode":"NXDOMAIN","queries":[{"rrname":"no.shop.example",\#
                "rrtype":"A"},{"rrname":"other.example","rrtype":"A"}],"authorities":[{"rrname":"shop.example",\#
                "rrtype":"SOA","ttl":60,"soa":{"mname":"ns.shop.example"}}]}}
                """#,
            sourceIsServer: true,
            [
                "dns.header_flags": #"["RD","RA"]"#, "dns.id": "3", "dns.op_code": "QUERY", "dns.question.class": "IN",
                "dns.question.name": "no.shop.example", "dns.question.type": "A", "dns.response_code": "NXDOMAIN",
                "dns.type": "answer", "event.action": "answer", "event.category": #"["network"]"#,
                "event.kind": "event", "event.outcome": "failure", "event.type": #"["protocol"]"#,
                "network.direction": "inbound", "network.protocol": "dns", "observer.type": "ids",
                "related.hosts": #"["no.shop.example","other.example"]"#,
                "related.ip": #"["203.0.113.53","192.168.77.20"]"#,
            ])
    }

    @Test("Version 2: a question")
    func query() throws {
        let event = try map(
            "dns", #""dns":{"type":"query","id":53980,"rrname":"suricata.io","rrtype":"A","tx_id":0,"opcode":0}"#)
        expect(
            event,
            [
                "dns.type": "query", "dns.id": "53980", "dns.op_code": "QUERY", "dns.question.name": "suricata.io",
                "dns.question.type": "A", "dns.question.class": "IN", "dns.answers": nil, "event.outcome": nil,
                "related.hosts": #"["suricata.io"]"#, "network.protocol": "dns",
            ])
    }

    @Test("Version 2: an answer with records of all kinds")
    func answer() throws {
        let event = try map(
            "dns",
            #""dns":{"version":2,"type":"answer","id":7,"flags":"85b0","qr":true,"rrname":"a.example","rrtype":"A","#
                + #""rcode":"NOERROR","answers":[{"rrname":"a.example","rrtype":"CNAME","ttl":9,"rdata":"b.example."},"#
                + #"{"rrname":"b.example","rrtype":"A","ttl":5,"rdata":"1.2.3.4"},"#
                + #"{"rrname":"b.example","rrtype":"AAAA","ttl":5,"rdata":"2001:db8::1"},"#
                + #"{"rrname":"_s._tcp","rrtype":"SRV","ttl":1,"srv":{"priority":20,"weight":1,"port":5060,"name":"s.x"}}],"#
                + #""grouped":{"A":["9.9.9.9"]}}"#)
        let answers =
            #"[{"name":"a.example","data":"b.example.","type":"CNAME","ttl":9},"#
            + #"{"name":"b.example","data":"1.2.3.4","type":"A","ttl":5},"#
            + #"{"name":"b.example","data":"2001:db8::1","type":"AAAA","ttl":5},"#
            + #"{"name":"_s._tcp","data":"20 1 5060 s.x","type":"SRV","ttl":1}]"#
        expect(
            event,
            [
                "dns.type": "answer", "dns.response_code": "NOERROR", "event.outcome": "success",
                "dns.header_flags": #"["AA","RD","RA","AD","CD"]"#, "dns.answers": answers,
                "dns.resolved_ip": #"["1.2.3.4","2001:db8::1"]"#,
                "related.ip": #"["192.168.1.5","81.2.69.143","1.2.3.4","2001:db8::1"]"#,
                "related.hosts": #"["a.example","b.example","_s._tcp","s.x"]"#,
            ])
    }

    @Test("Records in the order of zone files, whatever the order of the JSON")
    func recordOrder() throws {
        let event = try map(
            "dns",
            #""dns":{"type":"answer","rrname":"a.example","rcode":"NOERROR","answers":["#
                + #"{"rrtype":"SSHFP","sshfp":{"fingerprint":"51:83:ab","type":2,"algo":1}},"#
                + #"{"rrtype":"SRV","srv":{"name":"s.x","port":5060,"priority":20,"weight":1}},"#
                + #"{"rrtype":"SOA","soa":{"minimum":5,"expire":4,"retry":3,"refresh":2,"serial":1,"rname":"r.x","#
                + #""mname":"m.x","more":6}}],"grouped":{"SSHFP":[{"fingerprint":"51:83","algo":1,"type":2}]}}"#)
        expect(
            event,
            [
                "dns.answers":
                    #"[{"data":"1 2 5183ab","type":"SSHFP"},{"data":"20 1 5060 s.x","type":"SRV"},"#
                    + #"{"data":"m.x r.x 1 2 3 4 5 6","type":"SOA"}]"#,
                "related.hosts": #"["a.example","s.x"]"#,
            ])
        let grouped = try map(
            "dns",
            #""dns":{"type":"answer","rrname":"a.example","grouped":{"SSHFP":[{"fingerprint":"51:83","algo":1,"type":2}]}}"#
        )
        expect(grouped, ["dns.answers": #"[{"data":"1 2 5183","type":"SSHFP"}]"#])
    }

    @Test("A question for the root, whose name is empty")
    func root() throws {
        let event = try map("dns", #""dns":{"type":"query","id":1,"rrname":"","rrtype":"NS"}"#)
        expect(event, ["dns.question.name": nil, "dns.question.type": "NS", "dns.question.class": "IN"])
    }

    @Test("Hosts that take mail, with and without their priority")
    func mailExchangers() throws {
        let event = try map(
            "dns",
            #""dns":{"type":"answer","rrname":"a.example","rrtype":"MX","rcode":"NOERROR","answers":["#
                + #"{"rrname":"a.example","rrtype":"MX","ttl":9,"rdata":"mx.a.example"},"#
                + #"{"rrname":"a.example","rrtype":"MX","ttl":9,"rdata":"10 mx2.a.example."}]}"#)
        expect(event, ["related.hosts": #"["a.example","mx.a.example","mx2.a.example"]"#])
    }

    @Test("Version 2 without records: what was grouped by type")
    func grouped() throws {
        let event = try map(
            "dns",
            #""dns":{"type":"answer","rrname":"a.example","rcode":"NXDOMAIN","rd":true,"aa":false,"#
                + #""grouped":{"A":["1.2.3.4"],"TXT":["x \"y\""],"MX":[{"p":1,"n":"m"}]}}"#)
        expect(
            event,
            [
                "dns.answers":
                    #"[{"data":"1.2.3.4","type":"A"},{"data":"x \"y\"","type":"TXT"},{"data":"1 m","type":"MX"}]"#,
                "dns.resolved_ip": #"["1.2.3.4"]"#, "dns.header_flags": #"["RD"]"#, "event.outcome": "failure",
            ])
    }

    @Test("Version 1: what is known of the question is its domain")
    func domainOfVersion1() throws {
        let event = try map(
            "dns", #""dns":{"type":"answer","rrname":"clients.l.google.com","rrtype":"A","ttl":9,"rdata":"192.0.2.1"}"#)
        expect(
            event,
            [
                "dns.question.name": nil, "dns.question.registered_domain": "google.com",
                "dns.question.subdomain": "clients.l", "dns.question.top_level_domain": "com",
            ])
    }

    @Test("Version 1: one record an event, which is not the question")
    func version1() throws {
        let event = try map(
            "dns",
            #""dns":{"type":"answer","id":1,"rcode":"NOERROR","rrname":"c.l.example","rrtype":"A","ttl":299,"#
                + #""rdata":"172.217.13.110"}"#)
        expect(
            event,
            [
                "dns.question.name": nil, "dns.resolved_ip": #"["172.217.13.110"]"#,
                "dns.answers": #"[{"name":"c.l.example","data":"172.217.13.110","type":"A","ttl":299}]"#,
            ])
    }

    @Test("Version 3: queries, and an answer from the server's side")
    func version3() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"dns","src_ip":"8.8.8.8","src_port":53,"#
                + #""dest_ip":"192.168.1.5","dest_port":40000,"proto":"UDP","dns":{"version":3,"type":"response","id":2,"#
                + #""flags":"8180","opcode":5,"rcode":"SERVFAIL","queries":[{"rrname":"q.example..","rrtype":"MX"}]}}"#)
        expect(
            event,
            [
                "dns.type": "answer", "dns.question.name": "q.example", "dns.question.type": "MX",
                "dns.op_code": "UPDATE", "client.ip": "192.168.1.5", "server.ip": "8.8.8.8", "server.port": "53",
                "event.outcome": "failure",
            ])
    }

    @Test("In an alert of version 2: a list of queries, and the answer")
    func inAlert() throws {
        let event = try map(
            "alert",
            #""alert":{"severity":1},"dns":{"query":[{"type":"query","id":1,"rrname":"x.example","rrtype":"A"},"#
                + #"{"rrname":"y.example"}],"#
                + #""answer":{"version":2,"id":1,"rcode":"NOERROR","rrname":"x.example","rrtype":"A","#
                + #""answers":[{"rrname":"x.example","rrtype":"A","ttl":1,"rdata":"1.1.1.1"}]}}"#)
        expect(
            event,
            [
                "dns.type": "answer", "dns.question.name": "x.example", "dns.resolved_ip": #"["1.1.1.1"]"#,
                "related.hosts": #"["x.example","y.example"]"#, "event.outcome": nil,
            ])
        let question = try map(
            "alert", #""alert":{},"dns":{"query":[{"type":"query","id":1,"rrname":"x.example","rrtype":"A"}]}"#)
        expect(question, ["dns.type": "query", "dns.question.name": "x.example"])
        let answers = try map(
            "alert",
            #""alert":{},"dns":{"answer":[{"type":"answer","id":1,"rcode":"NOERROR","rrname":"x.example","rrtype":"A","#
                + #""ttl":1,"rdata":"1.1.1.1"},{"rrname":"x.example","rrtype":"A","ttl":1,"rdata":"1.1.1.2"}]}"#)
        expect(answers, ["dns.type": "answer", "dns.id": "1", "dns.resolved_ip": #"["1.1.1.1","1.1.1.2"]"#])
    }
}
