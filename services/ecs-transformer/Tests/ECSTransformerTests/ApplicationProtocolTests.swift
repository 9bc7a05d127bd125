import Testing

@testable import ECSTransformer

@Suite("http")
struct HTTPTests {
    @Test("A request and its response")
    func request() throws {
        let event = try map(
            "http",
            #""http":{"hostname":"www.example.org:8080","url":"\/a\/b.php?x=%22&y=\"z#frag","http_user_agent":"curl\/8","#
                + #""http_content_type":"Text\/HTML; charset=utf-8","http_refer":"http:\/\/r.example\/","http_method":"GET","#
                + #""protocol":"HTTP\/1.1","status":301,"length":39,"xff":"10.2.2.2, 10.3.3.3"}"#)
        expect(
            event,
            [
                "event.category": #"["network","web"]"#, "event.type": #"["access","protocol"]"#,
                "event.outcome": "success", "http.request.method": "GET", "http.version": "1.1",
                "http.response.status_code": "301", "http.response.body.bytes": "39",
                "http.response.mime_type": "text/html", "http.request.referrer": "http://r.example/",
                "user_agent.original": "curl/8", "url.original": #"/a/b.php?x=%22&y="z#frag"#, "url.path": "/a/b.php",
                "url.query": #"x=%22&y="z"#, "url.fragment": "frag", "url.extension": "php", "url.scheme": "http",
                "url.domain": "www.example.org", "url.port": "8080",
                "url.full": #"http://www.example.org:8080/a/b.php?x=%22&y="z#frag"#,
                "destination.domain": "www.example.org", "server.domain": "www.example.org",
                "related.hosts": #"["www.example.org"]"#, "network.protocol": "http",
                "network.forwarded_ip": "10.2.2.2",
            ])
    }

    @Test("A request to a proxy has its parts in their places")
    func absolute() throws {
        let event = try map(
            "http",
            #""http":{"hostname":"proxy.example","url":"http://ctl.example:81/a/b.cab?1","http_method":"GET","#
                + #""status":"404"}"#)
        expect(
            event,
            [
                "url.path": "/a/b.cab", "url.query": "1", "url.domain": "ctl.example", "url.port": "81",
                "url.scheme": "http", "url.full": "http://ctl.example:81/a/b.cab?1", "event.outcome": "failure",
                "http.response.status_code": "404",
            ])
    }

    @Test("CONNECT names a host and a port, and no path")
    func connect() throws {
        let event = try map("http", #""http":{"http_method":"CONNECT","url":"secure.example:443"}"#)
        expect(
            event,
            ["url.domain": "secure.example", "url.port": "443", "url.path": nil, "url.original": "secure.example:443"])
    }

    @Test("IPv6 hosts, HTTP/2 and TLS around it, odd types")
    func odd() throws {
        let event = try map(
            "http",
            #""tls":{},"http":{"hostname":"[2001:db8::1]:443","url":"/","version":"2","status":true,"#
                + #""length":"x"}"#)
        expect(
            event,
            [
                "url.domain": "[2001:db8::1]", "url.full": "https://[2001:db8::1]/", "url.scheme": "https",
                "http.version": "2", "http.response.status_code": nil, "http.response.body.bytes": nil,
                "url.port": "443",
            ])
    }
}

@Suite("dns")
struct DNSTests {
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
                "related.hosts": #"["a.example","b.example","_s._tcp"]"#,
            ])
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
                + #""flags":"8180","opcode":5,"rcode":"SERVFAIL","queries":[{"rrname":"q.example.","rrtype":"MX"}]}}"#)
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
            #""alert":{"severity":1},"dns":{"query":[{"type":"query","id":1,"rrname":"x.example","rrtype":"A"}],"#
                + #""answer":{"version":2,"id":1,"rcode":"NOERROR","rrname":"x.example","rrtype":"A","#
                + #""answers":[{"rrname":"x.example","rrtype":"A","ttl":1,"rdata":"1.1.1.1"}]}}"#)
        expect(
            event,
            [
                "dns.type": "answer", "dns.question.name": "x.example", "dns.resolved_ip": #"["1.1.1.1"]"#,
                "event.outcome": nil,
            ])
        let question = try map(
            "alert", #""alert":{},"dns":{"query":[{"type":"query","id":1,"rrname":"x.example","rrtype":"A"}]}"#)
        expect(question, ["dns.type": "query", "dns.question.name": "x.example"])
    }
}

@Suite("tls")
struct TLSTests {
    @Test("Certificates of both sides, names, fingerprints")
    func handshake() throws {
        let event = try map(
            "tls",
            #""tls":{"subject":"C=US, ST=New York, L=New York City, O=Acme U.S.A., INC., OU=x\/y, CN=update.acme.com","#
                + #""issuerdn":"C=US, O=DigiCert Inc, CN=GeoTrust","serial":"0d:CE:DC","#
                + #""fingerprint":"18:3c:11:45:46:e9:26:c7:87:64:0f:ed:47:86:1b:31:bf:0f:84:25","sni":"update.acme.com.","#
                + #""version":"TLS 1.2","notbefore":"2020-11-24T00:00:00","notafter":"2021-12-25T23:59:59","#
                + #""subjectaltname":["update.acme.com","alt.acme.com"],"ja3":{"hash":"44d502d471cfdb99c59bdfb0f220e5a8","#
                + #""string":"771"},"ja3s":{"hash":"adc06261ef82c2e4688b3cf08c1b2f24"},"ja4":"t12i_x","chain":["AA","BB"],"#
                + #""certificate":"AA","session_resumed":true,"client_alpns":["h2","http/1.1"],"server_alpns":["h2"],"#
                + #""client":{"subject":"CN=Jane","serial":"7F","fingerprint":"bad"}}"#)
        expect(
            event,
            [
                "tls.version": "1.2", "tls.version_protocol": "tls", "tls.client.server_name": "update.acme.com",
                "destination.domain": "update.acme.com", "tls.resumed": "true", "tls.established": "true",
                "tls.next_protocol": "h2", "tls.client.ja3": "44d502d471cfdb99c59bdfb0f220e5a8",
                "tls.server.ja3s": "adc06261ef82c2e4688b3cf08c1b2f24",
                "tls.server.hash.sha1": "183C114546E926C787640FED47861B31BF0F8425",
                "tls.server.issuer": "C=US, O=DigiCert Inc, CN=GeoTrust",
                "tls.server.not_before": "2020-11-24T00:00:00.000000Z",
                "tls.server.x509.not_after": "2021-12-25T23:59:59.000000Z",
                "tls.server.x509.serial_number": "0DCEDC", "tls.server.certificate": "AA",
                "tls.server.certificate_chain": #"["AA","BB"]"#,
                "tls.server.x509.alternative_names": #"["update.acme.com","alt.acme.com"]"#,
                "tls.server.x509.subject.common_name": #"["update.acme.com"]"#,
                "tls.server.x509.subject.organization": #"["Acme U.S.A., INC."]"#,
                "tls.server.x509.subject.organizational_unit": #"["x/y"]"#,
                "tls.server.x509.subject.state_or_province": #"["New York"]"#,
                "tls.server.x509.subject.locality": #"["New York City"]"#,
                "tls.server.x509.issuer.country": #"["US"]"#, "tls.client.subject": "CN=Jane",
                "tls.client.x509.subject.common_name": #"["Jane"]"#, "tls.client.x509.serial_number": "7F",
                "tls.client.hash.sha1": nil, "related.hosts": #"["update.acme.com","alt.acme.com"]"#,
                "related.hash":
                    #"["183C114546E926C787640FED47861B31BF0F8425","44d502d471cfdb99c59bdfb0f220e5a8","#
                    + #""adc06261ef82c2e4688b3cf08c1b2f24","t12i_x"]"#,
            ])
    }

    @Test(
        "Versions",
        arguments: [
            ("TLS 1.3", "1.3", "tls"), ("TLSv1", "1.0", "tls"), ("SSLv3", "3", "ssl"), ("UNDETERMINED", nil, nil),
            ("0x7f12", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func versions(_ text: String, _ version: String?, _ name: String?) throws {
        let event = try map("tls", #""tls":{"version":"\#(text)"}"#)
        expect(event, ["tls.version": version, "tls.version_protocol": name, "tls.established": nil])
    }
}
