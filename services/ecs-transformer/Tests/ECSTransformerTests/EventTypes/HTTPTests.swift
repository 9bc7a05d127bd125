import Testing

@testable import ECSTransformer

@Suite("http")
struct HTTPTests {
    @Test("A request that fails")
    func wholeRequest() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"http",\#
                "src_ip":"192.168.77.20","src_port":34160,"dest_ip":"203.0.113.80","dest_port":80,"proto":"TCP",\#
                "pkt_src":"wire/pcap","tx_id":0,"http":{"hostname":"www.shop.example",\#
                "url":"/a/long.txt?page=1&sort=name",\#
                "http_user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",\#
                "http_content_type":"text/plain","http_refer":"http://www.shop.example/","http_method":"GET",\#
                "protocol":"HTTP/1.1","status":404,"length":778,"xff":"198.51.100.7"}}
                """#,
            [
                "destination.domain": "www.shop.example", "event.action": "get",
                "event.category": #"["network","web"]"#, "event.kind": "event", "event.outcome": "failure",
                "event.type": #"["access","protocol"]"#, "http.request.method": "GET",
                "http.request.referrer": "http://www.shop.example/", "http.response.body.bytes": "778",
                "http.response.mime_type": "text/plain", "http.response.status_code": "404", "http.version": "1.1",
                "network.direction": "outbound", "network.forwarded_ip": "198.51.100.7", "network.protocol": "http",
                "observer.type": "ids", "related.hosts": #"["www.shop.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.80","198.51.100.7"]"#, "server.domain": "www.shop.example",
                "url.domain": "www.shop.example", "url.extension": "txt",
                "url.full": "http://www.shop.example/a/long.txt?page=1&sort=name",
                "url.original": "/a/long.txt?page=1&sort=name", "url.path": "/a/long.txt",
                "url.query": "page=1&sort=name", "url.scheme": "http",
                "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            ])
    }

    @Test("Over HTTP/2, which has the host among the headers")
    func overHTTP2() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"http",\#
                "src_ip":"192.168.77.20","src_port":43320,"dest_ip":"203.0.113.80","dest_port":8443,"proto":"TCP",\#
                "http":{"version":"2","request_headers":[{"name":":method","value":"POST"},{"name":":scheme",\#
                "value":"https"},{"name":":authority","value":"api.shop.example:8443"}],"response_headers":[{\#
                "name":":status","value":"200"},{"name":"content-type","value":"application/json"}],\#
                "url":"/v1/cart","http_user_agent":"curl/8.5.0","status":200,"length":53,"http_method":"POST",\#
                "http2":{"stream_id":13,"request":{},"response":{}}},"app_proto":"http2"}
                """#,
            [
                "destination.domain": "api.shop.example", "event.action": "post",
                "event.category": #"["network","web"]"#, "event.kind": "event", "event.outcome": "success",
                "event.type": #"["access","protocol"]"#, "http.request.method": "POST",
                "http.response.body.bytes": "53", "http.response.mime_type": "application/json",
                "http.response.status_code": "200", "http.version": "2", "network.application": "http2",
                "network.direction": "outbound", "network.protocol": "http", "observer.type": "ids",
                "related.hosts": #"["api.shop.example"]"#, "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "server.domain": "api.shop.example", "url.domain": "api.shop.example",
                "url.full": "https://api.shop.example:8443/v1/cart", "url.original": "/v1/cart", "url.path": "/v1/cart",
                "url.port": "8443", "url.scheme": "https", "user_agent.original": "curl/8.5.0",
            ])
    }

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

    @Test(
        "A whole URL is put together where the target is a path or a whole URL itself",
        arguments: [
            ("/a?b#c", "http://a.example/a?b#c"), ("//a/b", "http://a.example//a/b"), ("*", nil), ("index.html", nil),
            ("?b", nil), ("", nil), ("http://b.example", "http://b.example"),
            ("https://b.example:444?c", "https://b.example:444?c"),
        ] as [(String, String?)])
    func wholeURL(_ url: String, _ expected: String?) throws {
        let event = try map("http", #""http":{"hostname":"a.example","url":"\#(url)","http_method":"GET"}"#)
        expect(event, ["url.full": expected, "url.original": url.isEmpty ? nil : url])
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
