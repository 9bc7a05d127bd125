import Testing

@testable import ECSTransformer

@Suite("dcerpc")
struct DCERPCTests {
    @Test("A call")
    func call() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dcerpc",\#
                "src_ip":"203.0.113.80","src_port":59898,"dest_ip":"192.168.77.5","dest_port":135,"proto":"TCP",\#
                "pkt_src":"wire/pcap","dcerpc":{"request":"BIND","interfaces":[{\#
                "uuid":"e1af8308-5d1f-11c9-91a4-08002b14a0fa","version":"3.0","ack_result":0}],"response":"BINDACK",\#
                "call_id":1,"rpc_version":"5.0"}}
                """#,
            [
                "event.action": "bind", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "inbound", "network.protocol": "dcerpc",
                "observer.type": "ids", "related.ip": #"["203.0.113.80","192.168.77.5"]"#,
            ])
    }
}
