import Testing

@testable import ECSTransformer

@Suite("http2")
struct HTTP2Tests {
    @Test("As an event type of its own")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"http2",\#
                "src_ip":"192.168.77.20","src_port":37480,"dest_ip":"203.0.113.80","dest_port":443,"proto":"TCP",\#
                "pkt_src":"wire/pcap","http":{"version":"2","hostname":"shop.example","url":"/cart?id=7",\#
                "http_method":"GET","status":404,"length":12,"http2":{"stream_id":3,"response":{\#
                "error_code":"NoError"}}},"tls":{"sni":"shop.example"}}
                """#,
            [
                "destination.domain": "shop.example", "event.action": "get", "event.category": #"["network","web"]"#,
                "event.kind": "event", "event.outcome": "failure", "event.type": #"["access","protocol"]"#,
                "http.request.method": "GET", "http.response.body.bytes": "12", "http.response.status_code": "404",
                "http.version": "2", "network.application": "http2", "network.direction": "outbound",
                "network.protocol": "http", "observer.type": "ids", "related.hosts": #"["shop.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.80"]"#, "server.domain": "shop.example",
                "tls.client.server_name": "shop.example", "url.domain": "shop.example",
                "url.full": "https://shop.example/cart?id=7", "url.original": "/cart?id=7", "url.path": "/cart",
                "url.query": "id=7", "url.scheme": "https",
            ])
    }

    @Test("With an object that has its name", arguments: ["http2", "alert"])
    func ownObject(_ type: String) throws {
        let event = try map(
            type,
            #""app_proto":"http2","http2":{"stream_id":1,"http_method":"GET","url":"/cart","status":404}"#)
        expect(
            event,
            [
                "http.version": "2", "http.request.method": "GET", "http.response.status_code": "404",
                "url.path": "/cart", "network.protocol": "http", "network.application": "http2",
                "event.outcome": type == "http2" ? "failure" : nil,
            ])
    }
}
