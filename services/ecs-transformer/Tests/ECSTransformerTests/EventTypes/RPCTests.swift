import Testing

@testable import ECSTransformer

@Suite("rpc")
struct RPCTests {
    @Test("A call that was refused")
    func refusal() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"rpc",\#
                "src_ip":"192.168.77.20","src_port":40111,"dest_ip":"192.168.77.5","dest_port":111,"proto":"TCP",\#
                "pkt_src":"wire/pcap","rpc":{"xid":7,"status":"DENIED","auth_type":"UNIX","creds":{\#
                "machine_name":"notebook","uid":0,"gid":0}}}
                """#,
            [
                "event.action": "suricata_rpc", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "group.id": "0",
                "network.direction": "internal", "network.protocol": "rpc", "observer.type": "ids",
                "related.hosts": #"["notebook"]"#, "related.ip": #"["192.168.77.20","192.168.77.5"]"#, "user.id": "0",
            ])
    }
}
