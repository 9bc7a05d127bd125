import Testing

@testable import ECSTransformer

@Suite("doh2")
struct DoH2Tests {
    @Test("Both protocols are mapped")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"doh2",\#
                "src_ip":"192.168.77.20","src_port":52694,"dest_ip":"203.0.113.53","dest_port":443,"proto":"TCP",\#
                "pkt_src":"wire/pcap","http":{"version":"2","hostname":"resolver.example","url":"/dns-query",\#
                "http_method":"POST","status":200,"length":128,"request_headers":[{"name":":scheme",\#
                "value":"https"}],"http2":{"stream_id":15,"request":{"priority":21}}},"dns":{"version":3,\#
                "type":"response","id":0,"flags":"8180","opcode":0,"rcode":"NOERROR","queries":[{\#
                "rrname":"post.example","rrtype":"A"}],"answers":[{"rrname":"post.example","rrtype":"A","ttl":300,\#
                "rdata":"198.51.100.25"}]}}
                """#,
            [
                "destination.domain": "resolver.example",
                "dns.answers": #"[{"name":"post.example","data":"198.51.100.25","type":"A","ttl":300}]"#,
                "dns.header_flags": #"["RD","RA"]"#, "dns.id": "0", "dns.op_code": "QUERY",
                "dns.question.class": "IN", "dns.question.name": "post.example", "dns.question.type": "A",
                "dns.resolved_ip": #"["198.51.100.25"]"#, "dns.response_code": "NOERROR", "dns.type": "answer",
                "event.action": "answer", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "http.request.method": "POST",
                "http.response.body.bytes": "128", "http.response.status_code": "200", "http.version": "2",
                "network.application": "doh2", "network.direction": "outbound", "network.protocol": "dns",
                "observer.type": "ids", "related.hosts": #"["post.example","resolver.example"]"#,
                "related.ip": #"["192.168.77.20","203.0.113.53","198.51.100.25"]"#,
                "server.domain": "resolver.example", "url.domain": "resolver.example",
                "url.full": "https://resolver.example/dns-query", "url.original": "/dns-query",
                "url.path": "/dns-query", "url.scheme": "https",
            ])
    }
}
