import Testing

@testable import ECSTransformer

@Suite("dnp3")
struct DNP3Tests {
    @Test("A request has its name from the function code")
    func request() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dnp3",\#
                "src_ip":"192.168.77.20","src_port":48388,"dest_ip":"192.168.77.5","dest_port":20000,"proto":"TCP",\#
                "pkt_src":"wire/pcap","dnp3":{"type":"request","control":{"dir":true,"pri":true,"function_code":4},\#
                "src":1,"dst":10,"application":{"control":{"fir":true,"fin":true,"sequence":1},"function_code":5,\#
                "objects":[],"complete":true}}}
                """#,
            [
                "event.action": "direct_operate", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "dnp3",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }

    @Test("A code that has no name is its number")
    func unknownCode() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dnp3",\#
                "src_ip":"192.168.77.20","src_port":48388,"dest_ip":"192.168.77.5","dest_port":20000,"proto":"TCP",\#
                "pkt_src":"wire/pcap","dnp3":{"type":"request","application":{"function_code":99}}}
                """#,
            [
                "event.action": "99", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "dnp3",
                "observer.type": "ids", "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
