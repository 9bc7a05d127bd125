import Testing

@testable import ECSTransformer

@Suite("alert")
struct AlertTests {
    @Test("Of Suricata 7 on a server's answer: the ends have each their own counts and names")
    func answer() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"pcap_cnt":71,\#
                "event_type":"alert","src_ip":"192.168.77.5","src_port":80,"dest_ip":"203.0.113.80",\#
                "dest_port":55090,"proto":"TCP","pkt_src":"stream (flow timeout)","ether":{\#
                "src_mac":"02:00:00:00:77:05","dest_mac":"02:00:00:00:77:01"},"tx_id":0,"alert":{"action":"allowed",\#
                "gid":1,"signature_id":2100498,"rev":7,"signature":"GPL ATTACK_RESPONSE id check returned root",\#
                "category":"Potentially Bad Traffic","severity":2,"metadata":{"created_at":["2010_09_23"],\#
                "updated_at":["2019_07_26"],"mitre_technique_id":["T1059.004"]}},"http":{"hostname":"shop.example",\#
                "url":"/cgi?id","http_method":"GET","protocol":"HTTP/1.1","status":200,"length":39},\#
                "app_proto":"http","direction":"to_client","flow":{"pkts_toserver":6,"pkts_toclient":5,\#
                "bytes_toserver":496,"bytes_toclient":843,"start":"2026-02-01T12:34:50.171040+0000",\#
                "src_ip":"203.0.113.80","dest_ip":"192.168.77.5","src_port":55090,"dest_port":80},\#
                "payload_printable":"uid=0(root)","verdict":{"action":"alert"}}
                """#,
            sourceIsServer: true,
            [
                "client.bytes": "496", "client.mac": "02-00-00-00-77-01", "client.packets": "6",
                "destination.bytes": "496", "destination.mac": "02-00-00-00-77-01", "destination.packets": "6",
                "event.action": "suricata_alert", "event.category": #"["network","intrusion_detection"]"#,
                "event.kind": "alert", "event.severity": "2", "event.start": "2026-02-01T12:34:50.171040Z",
                "event.type": #"["allowed"]"#, "http.request.method": "GET", "http.response.body.bytes": "39",
                "http.response.status_code": "200", "http.version": "1.1", "message": "Potentially Bad Traffic",
                "network.bytes": "1339", "network.direction": "outbound", "network.packets": "11",
                "network.protocol": "http", "observer.type": "ids", "related.hosts": #"["shop.example"]"#,
                "related.ip": #"["192.168.77.5","203.0.113.80"]"#, "rule.category": "Potentially Bad Traffic",
                "rule.id": "2100498", "rule.name": "GPL ATTACK_RESPONSE id check returned root", "rule.ruleset": "GPL",
                "rule.uuid": "1:2100498:7", "rule.version": "7", "server.bytes": "843", "server.domain": "shop.example",
                "server.mac": "02-00-00-00-77-05", "server.packets": "5", "source.bytes": "843",
                "source.domain": "shop.example", "source.mac": "02-00-00-00-77-05", "source.packets": "5",
                "suricata.severity": "2", "suricata.signature": "GPL ATTACK_RESPONSE id check returned root",
                "threat.framework": "MITRE ATT&CK", "threat.technique.id": #"["T1059"]"#,
                "threat.technique.subtechnique.id": #"["T1059.004"]"#, "url.domain": "shop.example",
                "url.full": "http://shop.example/cgi?id", "url.original": "/cgi?id", "url.path": "/cgi",
                "url.query": "id", "url.scheme": "http",
            ])
    }

    @Test("Of Suricata 7 on a server's answer, told by who opened the connection")
    func answerByFlow() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"alert",\#
                "src_ip":"2001:0db8:0080:0000:0000:0000:0000:0080","src_port":443,\#
                "dest_ip":"fd00:0000:0000:0000:0000:0000:0000:0020","dest_port":51220,"proto":"TCP","alert":{\#
                "action":"allowed","gid":1,"signature_id":9000002,"rev":2,"signature":"HOME certificate",\#
                "category":"Misc activity","severity":3},"tls":{"sni":"www.shop.example","version":"TLS 1.3"},\#
                "app_proto":"tls","flow":{"pkts_toserver":3,"pkts_toclient":4,"bytes_toserver":300,\#
                "bytes_toclient":4000,"start":"2026-02-01T12:34:50.000000+0000",\#
                "src_ip":"fd00:0000:0000:0000:0000:0000:0000:0020",\#
                "dest_ip":"2001:0db8:0080:0000:0000:0000:0000:0080","src_port":51220,"dest_port":443}}
                """#,
            sourceIsServer: true,
            [
                "client.bytes": "300", "client.packets": "3", "destination.bytes": "300", "destination.packets": "3",
                "event.action": "suricata_alert", "event.category": #"["network","intrusion_detection"]"#,
                "event.kind": "alert", "event.severity": "3", "event.start": "2026-02-01T12:34:50.000000Z",
                "event.type": #"["allowed"]"#, "message": "Misc activity", "network.bytes": "4300",
                "network.direction": "inbound", "network.packets": "7", "network.protocol": "tls",
                "observer.type": "ids", "related.hosts": #"["www.shop.example"]"#,
                "related.ip": #"["2001:0db8:0080:0000:0000:0000:0000:0080","fd00:0000:0000:0000:0000:0000:0000:0020"]"#,
                "rule.category": "Misc activity", "rule.id": "9000002", "rule.name": "HOME certificate",
                "rule.uuid": "1:9000002:2", "rule.version": "2", "server.bytes": "4000",
                "server.domain": "www.shop.example", "server.packets": "4", "source.bytes": "4000",
                "source.domain": "www.shop.example", "source.packets": "4", "suricata.severity": "3",
                "suricata.signature": "HOME certificate", "tls.client.server_name": "www.shop.example",
                "tls.version": "1.3", "tls.version_protocol": "tls",
            ])
    }

    @Test("Of Suricata 6 on a server's answer, which nothing tells: taken to run to the server")
    func answerOfSuricata6() throws {
        try expectLeaves(
            of: #"""
                {"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":1607031750240020,"event_type":"alert",\#
                "src_ip":"81.2.69.143","src_port":80,"dest_ip":"192.168.77.20","dest_port":64343,"proto":"TCP",\#
                "alert":{"action":"blocked","gid":1,"signature_id":9000001,"rev":1,"signature":"HOME answer",\#
                "category":"","severity":1},"http":{"hostname":"shop.example","url":"/","http_method":"GET",\#
                "protocol":"HTTP/1.1","status":200,"length":39},"app_proto":"http","flow":{"pkts_toserver":3,\#
                "pkts_toclient":4,"bytes_toserver":300,"bytes_toclient":4000,\#
                "start":"2026-02-01T12:34:50.000000+0000"}}
                """#,
            [
                "client.bytes": "300", "client.packets": "3", "destination.bytes": "4000",
                "destination.domain": "shop.example", "destination.packets": "4", "event.action": "suricata_alert",
                "event.category": #"["network","intrusion_detection"]"#, "event.kind": "alert", "event.severity": "1",
                "event.start": "2026-02-01T12:34:50.000000Z", "event.type": #"["denied"]"#,
                "http.request.method": "GET", "http.response.body.bytes": "39", "http.response.status_code": "200",
                "http.version": "1.1", "network.bytes": "4300", "network.direction": "inbound", "network.packets": "7",
                "network.protocol": "http", "observer.type": "ids", "related.hosts": #"["shop.example"]"#,
                "related.ip": #"["81.2.69.143","192.168.77.20"]"#, "rule.id": "9000001", "rule.name": "HOME answer",
                "rule.uuid": "1:9000001:1", "rule.version": "1", "server.bytes": "4000",
                "server.domain": "shop.example", "server.packets": "4", "source.bytes": "300", "source.packets": "3",
                "suricata.severity": "1", "suricata.signature": "HOME answer", "url.domain": "shop.example",
                "url.full": "http://shop.example/", "url.original": "/", "url.path": "/", "url.scheme": "http",
            ])
    }

    @Test("The rule, the verdict, and what the rule says of threats")
    func rule() throws {
        let event = try map(
            "alert",
            #""alert":{"action":"allowed","gid":1,"signature_id":2100498,"rev":7,"signature":"GPL ATTACK id","#
                + #""category":"Potentially Bad Traffic","severity":2,"references":["https://a.example/x","b"],"#
                + #""metadata":{"mitre_tactic_id":["TA0011"],"mitre_tactic_name":["Command_And_Control"],"#
                + #""mitre_technique_id":["T1059.003","T1059"],"mitre_technique_name":["Command_Shell"],"#
                + #""mitre_attack":["t1190"],"cve":["CVE_2021_44228","2020_1"],"cvss_v3_base":["9.8","5"]},"#
                + #""xff":"10.3.3.3"}"#)
        expect(
            event,
            [
                "event.kind": "alert", "event.category": #"["network","intrusion_detection"]"#,
                "event.type": #"["allowed"]"#, "event.severity": "2", "event.action": "suricata_alert",
                "rule.id": "2100498", "rule.version": "7", "rule.uuid": "1:2100498:7", "rule.name": "GPL ATTACK id",
                "rule.category": "Potentially Bad Traffic", "message": "Potentially Bad Traffic",
                "rule.ruleset": "GPL", "rule.reference": "https://a.example/x", "suricata.signature": "GPL ATTACK id",
                "suricata.severity": "2", "threat.framework": "MITRE ATT&CK", "threat.tactic.id": #"["TA0011"]"#,
                "threat.tactic.name": #"["Command And Control"]"#, "threat.technique.id": #"["T1059","T1190"]"#,
                "threat.technique.name": #"["Command Shell"]"#, "threat.technique.subtechnique.id": #"["T1059.003"]"#,
                "vulnerability.id": "CVE-2021-44228", "vulnerability.enumeration": "CVE",
                "vulnerability.score.base": "9.8", "network.forwarded_ip": "10.3.3.3",
                "related.ip": #"["192.168.1.5","81.2.69.143","10.3.3.3"]"#,
            ])
    }

    @Test("The days of the rule stand beside its metadata, as such", arguments: [("_", "x"), ("-", #"x":{},"y"#)])
    func days(_ separator: String, _ key: String) throws {
        let metadata =
            #""metadata":{"\#(key)":[],"updated_at":["2024\#(separator)02\#(separator)29"],"#
            + #""created_at":["2010\#(separator)09\#(separator)23","x"]}"#
        let event = try map("alert", #""alert":{"severity":1,\#(metadata)},"x":1"#)
        #expect(
            event.eve.hasSuffix(
                #""alert":{"created_at":"2010-09-23","updated_at":"2024-02-29","severity":1,\#(metadata)},"x":1}"#))
    }

    @Test(
        "What is no day stays where it is",
        arguments: [
            #"["2023_02_29"]"#, #"["2023_13_01"]"#, #"["2023_1_1"]"#, #"["2023-01_01"]"#, "[]", #""2023_01_01""#, "[1]",
        ])
    func noDays(_ value: String) throws {
        let members = #""alert":{"severity":1,"metadata":{"created_at":\#(value)}}"#
        #expect(try map("alert", members).eve.hasSuffix(",\(members)}"))
    }

    @Test("A rule set is told by the rule's name, else by the file that it names")
    func ruleset() throws {
        let file = #""metadata":{"filename":["web.rules","x.rules"]}"#
        #expect(try map("alert", #""alert":{"signature":"ET SCAN x",\#(file)}"#)["rule.ruleset"] == "ET Open/Pro")
        let event = try map("alert", #""alert":{"signature":"MY x",\#(file)}"#)
        expect(event, ["rule.ruleset": "web.rules", "file.name": nil])
    }

    @Test(
        "What was denied",
        arguments: [
            (#""alert":{"action":"blocked"}"#, "denied"), (#""alert":{"action":"allowed"}"#, "allowed"),
            (#""alert":{"action":"allowed"},"verdict":{"action":"drop"}"#, "denied"),
            (#""alert":{"action":"allowed"},"verdict":{"action":"alert","reject":["tcp-reset"]}"#, "denied"),
            (#""alert":{"action":"allowed"},"verdict":{"action":"pass"}"#, "allowed"),
        ])
    func verdict(_ members: String, _ expected: String) throws {
        #expect(try map("alert", members)["event.type"] == "[\"\(expected)\"]")
    }

    @Test("Empty names: the seed's field is there, empty ECS fields are not")
    func empty() throws {
        let event = try map("alert", #""alert":{"signature":"","category":"","severity":3}"#)
        expect(
            event,
            ["suricata.signature": "", "rule.name": nil, "rule.category": nil, "message": nil, "event.severity": "3"])
    }

    @Test("An alert without its object is still an alert that ECS allows")
    func missing() throws {
        expect(try map("alert", #""x":1"#), ["event.kind": "alert", "event.type": #"["info"]"#])
    }

    @Test(
        "On a server's answer the source is the server",
        arguments: [
            #""direction":"to_client","#,
            #""flow_src":0,"#,
        ])
    func toClient(_ direction: String) throws {
        let event = try map(
            "alert",
            direction + #""alert":{"severity":1},"tls":{"sni":"x.example"},"flow":{"pkts_toserver":1,"#
                + #""pkts_toclient":2,"bytes_toserver":10,"bytes_toclient":20,"src_ip":"81.2.69.143","#
                + #""dest_ip":"192.168.1.5","src_port":443,"dest_port":40000,"#
                + #""start":"2026-02-01T12:34:50.000000+0000"}"#)
        expect(
            event,
            [
                "source.bytes": "20", "source.packets": "2", "destination.bytes": "10", "destination.packets": "1",
                "network.bytes": "30", "network.packets": "3", "client.ip": "81.2.69.143", "client.bytes": "10",
                "client.port": "443", "server.ip": "192.168.1.5", "server.bytes": "20", "source.domain": "x.example",
                "destination.domain": nil, "server.domain": "x.example",
                "event.start": "2026-02-01T12:34:50.000000Z", "event.end": nil,
            ])
    }

    @Test("Objects of application protocols map as in their own events, without its outcome and category")
    func embedded() throws {
        let event = try map(
            "alert",
            #""alert":{"severity":1},"app_proto":"http","http":{"hostname":"a.example","url":"/x","status":404},"#
                + #""files":[{"filename":"/x/y.pdf","size":7,"md5":"490999a6d3edaaa480614a25bfbdc67a"},{"size":8,"#
                + #""md5":"590999a6d3edaaa480614a25bfbdc67a"}]"#)
        expect(
            event,
            [
                "http.response.status_code": "404", "event.outcome": nil, "url.domain": "a.example",
                "file.name": "y.pdf", "file.size": "7", "file.hash.md5": "490999a6d3edaaa480614a25bfbdc67a",
                "related.hash": #"["490999a6d3edaaa480614a25bfbdc67a","590999a6d3edaaa480614a25bfbdc67a"]"#,
                "event.category": #"["network","intrusion_detection"]"#,
            ])
    }
}
