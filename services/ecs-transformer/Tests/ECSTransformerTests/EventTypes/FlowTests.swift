import Testing

@testable import ECSTransformer

@Suite("flow")
struct FlowTests {
    @Test("Over IPv6, closed")
    func closed() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"flow",\#
                "src_ip":"2001:0db8:0077:0000:0000:0000:0000:0020","src_port":43188,\#
                "dest_ip":"2001:0db8:0077:0000:0000:0000:0000:0005","dest_port":445,"proto":"TCP","app_proto":"smb",\#
                "flow":{"pkts_toserver":19,"pkts_toclient":17,"bytes_toserver":3692,"bytes_toclient":4759,\#
                "start":"2026-02-01T12:34:50.036686+0000","end":"2026-02-01T12:34:50.072017+0000","age":0,\#
                "state":"closed","reason":"timeout","alerted":false},"ether":{"dest_macs":["02:00:00:00:77:05"],\#
                "src_macs":["02:00:00:00:77:20","02:00:00:00:77:21"]},"tcp":{"tcp_flags":"1b","syn":true,\#
                "state":"closed"}}
                """#,
            [
                "client.bytes": "3692", "client.packets": "19", "destination.bytes": "4759",
                "destination.mac": "02-00-00-00-77-05", "destination.packets": "17", "event.action": "suricata_flow",
                "event.category": #"["network"]"#, "event.duration": "35331000",
                "event.end": "2026-02-01T12:34:50.072017Z", "event.kind": "event", "event.reason": "timeout",
                "event.start": "2026-02-01T12:34:50.036686Z", "event.type": #"["connection","end"]"#,
                "network.bytes": "8451", "network.direction": "external", "network.packets": "36",
                "network.protocol": "smb", "observer.type": "ids",
                "related.ip": #"["2001:0db8:0077:0000:0000:0000:0000:0020","2001:0db8:0077:0000:0000:0000:0000:0005"]"#,
                "server.bytes": "4759", "server.mac": "02-00-00-00-77-05", "server.packets": "17",
                "source.bytes": "3692", "source.packets": "19",
            ])
    }

    @Test("A ping without an answer")
    func ping() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"flow",\#
                "src_ip":"192.168.77.20","dest_ip":"203.0.113.80","proto":"ICMP","icmp_type":8,"icmp_code":0,\#
                "response_icmp_type":0,"response_icmp_code":0,"flow":{"pkts_toserver":3,"pkts_toclient":0,\#
                "bytes_toserver":1638,"bytes_toclient":0,"start":"2026-02-01T12:34:50.423571+0000",\#
                "end":"2026-02-01T12:34:51.423570+0000","age":1,"state":"new","reason":"timeout","alerted":true},\#
                "community_id":"1:jPGx+tm3kiHzmq3iUFvq7FOtj7Y="}
                """#,
            [
                "client.bytes": "1638", "client.packets": "3", "destination.bytes": "0", "destination.packets": "0",
                "event.action": "suricata_flow", "event.category": #"["network"]"#, "event.duration": "999999000",
                "event.end": "2026-02-01T12:34:51.423570Z", "event.kind": "event", "event.reason": "timeout",
                "event.start": "2026-02-01T12:34:50.423571Z", "event.type": #"["connection","start"]"#,
                "network.bytes": "1638", "network.direction": "outbound", "network.iana_number": "1",
                "network.packets": "3", "observer.type": "ids", "related.ip": #"["192.168.77.20","203.0.113.80"]"#,
                "server.bytes": "0", "server.packets": "0", "source.bytes": "1638", "source.packets": "3",
            ])
    }

    @Test("Counts, period in nanoseconds, state and reason")
    func flow() throws {
        let event = try map(
            "flow",
            #""app_proto":"failed","flow":{"pkts_toserver":1,"pkts_toclient":0,"bytes_toserver":110,"#
                + #""bytes_toclient":0,"start":"2026-02-01T12:00:00.000001+0000","#
                + #""end":"2026-02-01T14:00:01.000003+0200","age":1,"state":"new","reason":"timeout","alerted":false}"#)
        expect(
            event,
            [
                "event.category": #"["network"]"#, "event.type": #"["connection","start"]"#, "event.reason": "timeout",
                "event.start": "2026-02-01T12:00:00.000001Z", "event.end": "2026-02-01T12:00:01.000003Z",
                "event.duration": "1000002000", "source.bytes": "110", "source.packets": "1",
                "destination.bytes": "0", "destination.packets": "0", "network.bytes": "110", "network.packets": "1",
                "network.protocol": nil,
            ])
    }

    @Test(
        "States",
        arguments: [
            ("new", "start", nil), ("closed", "end", nil), ("established", nil, nil),
            ("bypassed", nil, "flow_bypassed"),
        ] as [(String, String?, String?)])
    func states(_ state: String, _ type: String?, _ action: String?) throws {
        let event = try map("flow", #""flow":{"state":"\#(state)"}"#)
        expect(
            event,
            [
                "event.type": type.map { #"["connection","\#($0)"]"# } ?? #"["connection"]"#,
                "event.action": action ?? "suricata_flow", "network.bytes": nil,
            ])
    }

    @Test("Nothing counted gives no sums; an end before the start gives no duration")
    func nothing() throws {
        let event = try map(
            "flow",
            #""flow":{"bytes_toserver":0,"bytes_toclient":0,"start":"2026-02-01T12:00:01.0Z","#
                + #""end":"2026-02-01T12:00:00.0Z"}"#)
        expect(event, ["network.bytes": nil, "destination.bytes": "0", "event.duration": nil])
    }
}
