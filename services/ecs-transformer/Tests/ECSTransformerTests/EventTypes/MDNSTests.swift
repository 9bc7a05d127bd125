import Testing

@testable import ECSTransformer

@Suite("mdns")
struct MDNSTests {
    @Test("An announcement")
    func announcement() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mdns",\#
                "src_ip":"192.168.77.20","src_port":5353,"dest_ip":"224.0.0.251","dest_port":5353,"proto":"UDP",\#
                "pkt_src":"wire/pcap","mdns":{"type":"response","id":0,"flags":["aa"],"opcode":0,"rcode":0,\#
                "answers":[{"rrname":"_printer._tcp.local","ptr":"hall._printer._tcp.local"},{\#
                "rrname":"hall._printer._tcp.local","txt":["model=x1","colour=no"]},{"rrname":"hall.local",\#
                "aaaa":"fe80::5"}]}}
                """#,
            [
                "dns.answers":
                    #"[{"name":"_printer._tcp.local","data":"hall._printer._tcp.local","type":"PTR"},"#
                    + #"{"name":"hall._printer._tcp.local","data":"model=x1 colour=no","type":"TXT"},"#
                    + #"{"name":"hall.local","data":"fe80::5","type":"AAAA"}]"#,
                "dns.header_flags": #"["AA"]"#, "dns.id": "0", "dns.op_code": "QUERY",
                "dns.resolved_ip": #"["fe80::5"]"#, "dns.response_code": "NOERROR", "dns.type": "answer",
                "event.action": "answer", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "success", "event.type": #"["protocol"]"#, "network.direction": "outbound",
                "network.protocol": "mdns", "observer.type": "ids",
                "related.hosts": #"["_printer._tcp.local","hall._printer._tcp.local","hall.local"]"#,
                "related.ip": #"["192.168.77.20","224.0.0.251","fe80::5"]"#,
            ])
    }

    @Test("A question")
    func question() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"mdns",\#
                "src_ip":"192.168.77.20","src_port":5353,"dest_ip":"224.0.0.251","dest_port":5353,"proto":"UDP",\#
                "pkt_src":"wire/pcap","mdns":{"type":"request","id":0,"opcode":0,"rcode":0,"queries":[{\#
                "rrname":"_ipp._tcp.local","rrtype":"ptr"},{"rrname":"_ipps._tcp.local","rrtype":"ptr"}]}}
                """#,
            [
                "dns.id": "0", "dns.op_code": "QUERY", "dns.question.class": "IN",
                "dns.question.name": "_ipp._tcp.local", "dns.question.type": "PTR", "dns.response_code": "NOERROR",
                "dns.type": "query", "event.action": "query", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "outbound",
                "network.protocol": "mdns", "observer.type": "ids",
                "related.hosts": #"["_ipp._tcp.local","_ipps._tcp.local"]"#,
                "related.ip": #"["192.168.77.20","224.0.0.251"]"#,
            ])
    }
}
