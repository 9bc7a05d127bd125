import Testing

@testable import ECSTransformer

@Suite("Event types")
struct EventTypeTests {
    @Test("Each name and each object belongs to one type")
    func unique() {
        let names = EventType.all.map(\.name)
        let objects = EventType.all.flatMap(\.objects)
        #expect(Set(names).count == names.count && Set(objects).count == objects.count)
        #expect(Set(objects).isDisjoint(with: EventMember.allCases.map(\.rawValue)))
    }

    @Test(
        "Kind, category, type and protocol of types without details",
        arguments: [
            ("ssh", "network", "protocol", "ssh"), ("smtp", "network,email", "protocol,info", "smtp"),
            ("ftp_data", "network,file", "protocol,access", "ftp"),
            ("pgsql", "network,database", "protocol,access", "pgsql"),
            ("netflow", "network", "connection,info", nil), ("anomaly", "network", "info", nil),
            ("ikev2", "network", "protocol", "ike"), ("doh2", "network", "protocol", "dns"),
            ("engine", "host", "info", nil),
        ] as [(String, String, String, String?)])
    func byCategory(_ name: String, _ categories: String, _ types: String, _ protocolName: String?) throws {
        let event = try map(name, #""x":{}"#)
        expect(
            event,
            [
                "event.kind": "event", "event.category": array(categories), "event.type": array(types),
                "network.protocol": protocolName,
            ])
    }

    @Test("Counters of Suricata are a metric and stay whole")
    func stats() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"stats","stats":{"uptime":7,"a.b":{"c":1}}}"#)
        expect(event, ["event.kind": "metric", "event.category": nil, "event.type": nil, "source.ip": nil])
        #expect(event.eve.hasSuffix(#""stats":{"uptime":7,"a.b":{"c":1}}}"#))
    }

    @Test("A dropped packet")
    func drop() throws {
        let event = try map("drop", #""drop":{"len":60,"reason":"rules"},"alert":{"signature":"s","severity":1}"#)
        expect(
            event,
            [
                "event.type": #"["denied","connection"]"#, "event.action": "drop", "event.reason": "rules",
                "observer.type": "ips", "rule.name": "s", "event.kind": "event",
            ])
    }

    private func array(_ text: String) -> String {
        "[" + text.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }
}

@Suite("alert")
struct AlertTests {
    @Test("The rule, the verdict, and what the rule says of threats")
    func rule() throws {
        let event = try map(
            "alert",
            #""alert":{"action":"allowed","gid":1,"signature_id":2100498,"rev":7,"signature":"GPL ATTACK id","#
                + #""category":"Potentially Bad Traffic","severity":2,"references":["https://a.example/x","b"],"#
                + #""metadata":{"mitre_tactic_id":["TA0011"],"mitre_tactic_name":["Command_And_Control"],"#
                + #""mitre_technique_id":["T1059.003","T1059"],"mitre_technique_name":["Command_Shell"],"#
                + #""mitre_attack":["t1190"],"cve":["CVE_2021_44228","2020_1"],"cvss_v3_base":["9.8"]},"#
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
                + #""files":[{"filename":"/x/y.pdf","size":7,"md5":"490999a6d3edaaa480614a25bfbdc67a"},{"size":8}]"#)
        expect(
            event,
            [
                "http.response.status_code": "404", "event.outcome": nil, "url.domain": "a.example",
                "file.name": "y.pdf", "file.size": "7", "related.hash": #"["490999a6d3edaaa480614a25bfbdc67a"]"#,
                "event.category": #"["network","intrusion_detection"]"#,
            ])
    }
}

@Suite("flow")
struct FlowTests {
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

@Suite("fileinfo")
struct FileinfoTests {
    @Test("Name, hashes and type; the port tells that the server sent it")
    func file() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"fileinfo","src_ip":"81.2.69.143","#
                + #""src_port":8008,"dest_ip":"192.168.1.5","dest_port":56118,"proto":"TCP","http":{"#
                + #""hostname":"files.example","url":"\/a\/b.tar.gz"},"fileinfo":{"filename":"\/a\/b.tar.gz","#
                + #""magic":"gzip compressed data","mimetype":"application\/gzip","md5":"427b7337ff37eeb24d74f47d8e04cf21","#
                + #""sha1":"313573490192c685e9e53abef25453ed0d5e2aee","sha256":"not a hash","size":1071,"#
                + #""stored":false}}"#)
        expect(
            event,
            [
                "event.category": #"["network","file"]"#, "event.type": #"["info"]"#, "file.path": "/a/b.tar.gz",
                "file.name": "b.tar.gz", "file.extension": "gz", "file.size": "1071",
                "file.hash.md5": "427b7337ff37eeb24d74f47d8e04cf21",
                "file.hash.sha1": "313573490192c685e9e53abef25453ed0d5e2aee", "file.hash.sha256": nil,
                "related.hash": #"["427b7337ff37eeb24d74f47d8e04cf21","313573490192c685e9e53abef25453ed0d5e2aee"]"#,
                "source.domain": "files.example", "server.ip": "81.2.69.143", "client.port": "56118",
            ])
        #expect(event.eve.contains(#""url":"\/a\/b.tar.gz""#))
    }

    @Test(
        "Names of all kinds",
        arguments: [
            ("x", nil, "x", nil), ("x.EXE", nil, "x.EXE", "EXE"), ("/", "/", nil, nil),
            (".bashrc", nil, ".bashrc", nil),
            (#"a\\b.c"#, #"a\b.c"#, "b.c", "c"), ("a/b.c?d=e f", "a/b.c?d=e f", "b.c?d=e f", nil),
            ("", nil, nil, nil), (#"a\"b.txt"#, nil, #"a"b.txt"#, "txt"),
        ] as [(String, String?, String?, String?)])
    func names(_ name: String, _ path: String?, _ last: String?, _ ending: String?) throws {
        let event = try map("fileinfo", #""fileinfo":{"filename":"\#(name)"}"#)
        expect(event, ["file.path": path, "file.name": last, "file.extension": ending])
    }
}
