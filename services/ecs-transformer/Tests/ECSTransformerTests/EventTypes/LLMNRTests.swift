import Testing

@testable import ECSTransformer

@Suite("llmnr")
struct LLMNRTests {
    @Test("An answer with the record under its type")
    func answer() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"llmnr",\#
                "src_ip":"192.168.77.5","src_port":5355,"dest_ip":"192.168.77.20","dest_port":50111,"proto":"UDP",\#
                "pkt_src":"wire/pcap","llmnr":{"type":"response","id":43981,"rcode":0,"opcode":0,"queries":[{\#
                "rrname":"printer","rrtype":"a"}],"answers":[{"rrname":"printer","a":"192.168.77.9"}]}}
                """#,
            sourceIsServer: true,
            [
                "dns.answers": #"[{"name":"printer","data":"192.168.77.9","type":"A"}]"#, "dns.id": "43981",
                "dns.op_code": "QUERY", "dns.question.class": "IN", "dns.question.name": "printer",
                "dns.question.type": "A", "dns.resolved_ip": #"["192.168.77.9"]"#, "dns.response_code": "NOERROR",
                "dns.type": "answer", "event.action": "answer", "event.category": #"["network"]"#,
                "event.kind": "event", "event.outcome": "success", "event.type": #"["protocol"]"#,
                "network.direction": "internal", "network.protocol": "llmnr", "observer.type": "ids",
                "related.hosts": #"["printer"]"#, "related.ip": #"["192.168.77.5","192.168.77.20","192.168.77.9"]"#,
            ])
    }
}
