import Testing

@testable import ECSTransformer

@Suite("ssh")
struct SSHTests {
    @Test("Both sides")
    func versions() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"ssh",\#
                "src_ip":"192.168.77.20","src_port":53076,"dest_ip":"192.168.77.5","dest_port":22,"proto":"TCP",\#
                "pkt_src":"wire/pcap","ssh":{"client":{"proto_version":"2.0","software_version":"OpenSSH_9.2p1",\#
                "hassh":{"hash":"472b5de333ad665af5cbf10ff892c4df","string":"sntrup761x25519-sha512"}},"server":{\#
                "proto_version":"2.0","software_version":"OpenSSH_9.2p1","hassh":{\#
                "hash":"6832f1ce43d4397c2c0a3e2f8c94334e","string":"curve25519-sha256"}}}}
                """#,
            [
                "event.action": "suricata_ssh", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "internal", "network.protocol": "ssh",
                "observer.type": "ids",
                "related.hash": #"["472b5de333ad665af5cbf10ff892c4df","6832f1ce43d4397c2c0a3e2f8c94334e"]"#,
                "related.ip": #"["192.168.77.20","192.168.77.5"]"#,
            ])
    }
}
