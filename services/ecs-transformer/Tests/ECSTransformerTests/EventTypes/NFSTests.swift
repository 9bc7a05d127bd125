import Testing

@testable import ECSTransformer

@Suite("nfs")
struct NFSTests {
    @Test("A call with its caller, from the side of the server")
    func lookup() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"nfs",\#
                "src_ip":"192.168.77.5","src_port":2049,"dest_ip":"192.168.77.20","dest_port":1022,"proto":"UDP",\#
                "pkt_src":"wire/pcap","rpc":{"xid":1,"status":"ACCEPTED","auth_type":"UNIX","creds":{\#
                "machine_name":"notebook","uid":1000,"gid":100}},"nfs":{"version":3,"procedure":"LOOKUP",\#
                "filename":"letter.txt","hhash":"e2d9c494","id":1,"file_tx":false,"type":"response",\#
                "status":"ERR_NOENT"}}
                """#,
            sourceIsServer: true,
            [
                "event.action": "lookup", "event.category": #"["network"]"#, "event.kind": "event",
                "event.outcome": "failure", "event.type": #"["protocol"]"#, "file.extension": "txt",
                "file.name": "letter.txt", "group.id": "100", "network.direction": "internal",
                "network.protocol": "nfs", "observer.type": "ids", "related.hosts": #"["notebook"]"#,
                "related.ip": #"["192.168.77.5","192.168.77.20"]"#, "user.id": "1000",
            ])
    }
}
