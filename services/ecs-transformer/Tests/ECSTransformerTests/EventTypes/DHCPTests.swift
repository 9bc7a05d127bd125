import Testing

@testable import ECSTransformer

@Suite("dhcp")
struct DHCPTests {
    @Test("A client without an address names itself")
    func discover() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dhcp",\#
                "src_ip":"0.0.0.0","src_port":68,"dest_ip":"255.255.255.255","dest_port":67,"proto":"UDP",\#
                "pkt_src":"wire/pcap","ether":{"src_mac":"02:00:00:00:77:01","dest_mac":"ff:ff:ff:ff:ff:ff"},\#
                "dhcp":{"type":"request","id":3679440401,"client_mac":"02:00:00:00:77:33","assigned_ip":"0.0.0.0",\#
                "client_ip":"0.0.0.0","dhcp_type":"discover","params":["subnet_mask","router"],\#
                "hostname":"annas-phone\u0000","vendor_class_identifier":"fixture-phone"}}
                """#,
            [
                "client.domain": "annas-phone", "client.mac": "02-00-00-00-77-33",
                "destination.mac": "FF-FF-FF-FF-FF-FF", "event.action": "discover", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "external",
                "network.protocol": "dhcp", "observer.type": "ids", "related.hosts": #"["annas-phone"]"#,
                "related.ip": #"["0.0.0.0","255.255.255.255"]"#, "server.mac": "FF-FF-FF-FF-FF-FF",
                "source.mac": "02-00-00-00-77-01",
            ])
    }

    @Test("The lease comes from the server, and the client is known by the address of its card")
    func acknowledgement() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dhcp",\#
                "src_ip":"192.168.77.1","src_port":67,"dest_ip":"192.168.77.104","dest_port":68,"proto":"UDP",\#
                "pkt_src":"wire/pcap","dhcp":{"type":"reply","id":3679440401,"client_mac":"02:00:00:00:77:33",\#
                "assigned_ip":"192.168.77.104","client_ip":"0.0.0.0","relay_ip":"0.0.0.0",\#
                "next_server_ip":"192.168.77.2","dhcp_type":"ack","lease_time":3600,"subnet_mask":"255.255.255.0",\#
                "dns_servers":["203.0.113.53","192.168.77.1"],"routers":["192.168.77.1"]}}
                """#,
            sourceIsServer: true,
            [
                "client.mac": "02-00-00-00-77-33", "event.action": "ack", "event.category": #"["network"]"#,
                "event.kind": "event", "event.type": #"["protocol"]"#, "network.direction": "internal",
                "network.protocol": "dhcp", "observer.type": "ids",
                "related.ip": #"["192.168.77.1","192.168.77.104","192.168.77.2","203.0.113.53"]"#,
            ])
    }

    @Test("Without the inner type the outer one is what happened; a name with blanks is no host")
    func plain() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"dhcp",\#
                "src_ip":"0.0.0.0","src_port":68,"dest_ip":"255.255.255.255","dest_port":67,"proto":"UDP",\#
                "pkt_src":"wire/pcap","dhcp":{"type":"request","id":1,"client_mac":"02:00:00:00:77",\#
                "hostname":"Anna's phone"}}
                """#,
            [
                "event.action": "request", "event.category": #"["network"]"#, "event.kind": "event",
                "event.type": #"["protocol"]"#, "network.direction": "external", "network.protocol": "dhcp",
                "observer.type": "ids", "related.ip": #"["0.0.0.0","255.255.255.255"]"#,
            ])
    }
}
