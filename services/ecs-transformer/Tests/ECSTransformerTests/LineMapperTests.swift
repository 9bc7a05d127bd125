import Networks
import Testing

@testable import ECSTransformer

@Suite("Every event")
struct EveryEventTests {
    @Test("Ends, protocols, observer and the event itself")
    func common() throws {
        let line =
            #"{"timestamp":"2026-02-01T13:34:56.123456+0100","flow_id":1844674407370955161,"in_iface":"eth0","#
            + #""event_type":"future_type","vlan":[10,20],"src_ip":"192.168.1.5","src_port":40000,"#
            + #""dest_ip":"2001:DB8::1","dest_port":53,"proto":"UDP","app_proto":"NTP","ip_v":4,"host":"pi","#
            + #""community_id":"1:LQU9qZlK+B5F3KDmev6m5PMibrg=","suricata_version":"8.0.1","#
            + #""ether":{"src_mac":"08:00:27:5b:4f:70","dest_macs":["0c:d2:92:0d:ed:69"]},"future":{"a":[1.50]}}"#
        let event = try map(line)
        expect(
            event,
            [
                "@timestamp": "2026-02-01T12:34:56.123456Z", "ecs.version": "8.17.0", "event.kind": "event",
                "event.category": #"["network"]"#, "event.type": #"["info"]"#, "event.module": "suricata",
                "event.dataset": "suricata.eve", "event.original": nil, "source.ip": "192.168.1.5",
                "source.address": "192.168.1.5", "source.port": "40000", "destination.ip": "2001:DB8::1",
                "destination.port": "53", "client.ip": "192.168.1.5", "server.ip": "2001:DB8::1",
                "server.port": "53", "source.mac": "08-00-27-5B-4F-70", "destination.mac": "0C-D2-92-0D-ED-69",
                "network.transport": "udp", "network.iana_number": "17", "network.type": "ipv4",
                "network.protocol": "ntp", "network.direction": "outbound", "network.vlan.id": "10",
                "network.inner.vlan.id": "20", "network.community_id": "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
                "observer.vendor": "OISF", "observer.product": "Suricata", "observer.type": "ids",
                "observer.version": "8.0.1", "observer.name": "pi", "observer.hostname": "pi",
                "observer.ingress.interface.name": "eth0", "related.ip": #"["192.168.1.5","2001:DB8::1"]"#,
            ])
        #expect(event.type == "other" && event.isTimeUsable && event.time == 1_769_949_296_123_456_000)
        #expect(event.document.hasPrefix(#"{"@timestamp":"#))
        let whole = line.replacing(#""flow_id":1844674407370955161"#, with: #""flow_id":"1844674407370955161""#)
        #expect(event.eve == whole)
    }

    @Test(
        "Direction by the networks of both ends",
        arguments: [
            ("10.0.0.1", "10.0.0.2", "internal"), ("10.0.0.1", "8.8.8.8", "outbound"),
            ("8.8.8.8", "fd00::1", "inbound"), ("8.8.8.8", "9.9.9.9", "external"),
            ("fe80:0000:0000:0000:fada:0cff:fedc:87f1", "ff02::1:2", "outbound"),
        ])
    func direction(_ source: String, _ destination: String, _ expected: String) throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T00:00:00.0+0000","src_ip":"\#(source)","dest_ip":"\#(destination)"}"#)
        #expect(event["network.direction"] == expected)
    }

    @Test("Home networks, version and original are settings")
    func settings() throws {
        var settings = MappingSettings()
        settings.homeNetworks = try [#require(IPNetwork("81.2.69.0/24"))]
        settings.ecsVersion = "9.4.0"
        settings.keepsOriginal = true
        let event = try map("ntp", #""ntp":{"a":"x\"y"}"#, settings: settings)
        expect(event, ["network.direction": "inbound", "ecs.version": "9.4.0"])
        #expect(event["event.original"]?.hasSuffix(#""ntp":{"a":"x\"y"}}"#) == true)
    }

    @Test(
        "Protocols have one name",
        arguments: [
            ("failed", nil, nil), ("unknown", nil, nil), ("template-rust", nil, nil), ("ftp-data", "ftp", nil),
            ("http2", "http", "http2"), ("doh2", "dns", "doh2"), ("TLS", "tls", nil), ("krb5", "krb5", nil),
        ] as [(String, String?, String?)])
    func protocols(_ name: String, _ expected: String?, _ application: String?) throws {
        let event = try map("anomaly", #""app_proto":"\#(name)""#)
        expect(event, ["network.protocol": expected, "network.application": application])
    }

    @Test("Whole numbers are whole also when they are written with a point or an exponent")
    func wholeNumbers() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T00:00:00.0Z","event_type":"alert","src_ip":"10.0.0.1","src_port":5.3e1,"#
                + #""dest_ip":"10.0.0.2","dest_port":1.0,"proto":6.0,"vlan":[7.0],"flow_id":1.5E15,"#
                + #""alert":{"gid":1.0,"signature_id":2001.0,"rev":3.0,"severity":2.0}}"#)
        expect(
            event,
            [
                "source.port": "53", "destination.port": "1", "network.iana_number": "6", "network.vlan.id": "7",
                "event.severity": "2", "suricata.severity": "2", "rule.id": "2001", "rule.version": "3",
                "rule.uuid": "1:2001:3",
            ])
        #expect(event.alertSeverity == 2)
        #expect(event.eve.contains(#""dest_port":1.0,"#) && event.eve.contains(#""flow_id":"1500000000000000""#))
        let parts = try map(#"{"timestamp":"2026-02-01T00:00:00.0Z","src_port":1.5,"dest_port":-2.0}"#)
        expect(parts, ["source.port": nil, "destination.port": nil])
    }

    @Test("What has the wrong type or form stays out of ECS and in the event")
    func wrongTypes() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T00:00:00.0Z","event_type":"http","src_ip":"host.local","src_port":70000,"#
                + #""dest_ip":7,"dest_port":"443","proto":253,"vlan":{},"ether":[],"in_iface":"","host":null,"#
                + #""community_id":{},"http":"GET","flow_id":"12"}"#)
        expect(
            event,
            [
                "source.address": "host.local", "source.ip": nil, "source.port": nil, "destination.ip": nil,
                "destination.port": "443", "network.transport": "253", "network.vlan.id": nil,
                "observer.ingress.interface.name": nil, "observer.name": nil, "network.community_id": nil,
                "related.ip": nil, "client.ip": nil, "event.type": #"["access","protocol"]"#,
            ])
        #expect(event.eve.contains(#""dest_ip":7,"#) && event.eve.contains(#""flow_id":"12""#))
    }
}

@Suite("Times")
struct TimeTests {
    @Test("A time without zone, with Z, with a colon, and with more than microseconds")
    func forms() throws {
        for (text, expected) in [
            ("2026-02-01T12:34:56.5", "2026-02-01T12:34:56.500000Z"),
            ("2026-02-01T12:34:56Z", "2026-02-01T12:34:56.000000Z"),
            ("2026-02-01T12:34:56.123456-05:30", "2026-02-01T18:04:56.123456Z"),
            ("2026-02-01T12:34:56.123456789+0000", "2026-02-01T12:34:56.123456Z"),
            ("2024-02-29T23:59:59.999999-0001", "2024-03-01T00:00:59.999999Z"),
            ("1990-01-01T00:00:00.000000+0000", "1990-01-01T00:00:00.000000Z"),
            ("2026-03-02T00:00:00.000000+0000", "2026-03-02T00:00:00.000000Z"),
            ("2026-02-01T12:34:56,123456+0000", "2026-02-01T12:34:56.123456Z"),
            ("2026-02-01T12:34:56.123456+00", "2026-02-01T12:34:56.123456Z"),
            ("20260201T123456Z", "2026-02-01T12:34:56.000000Z"),
            ("1769949296123", "2026-02-01T12:34:56.123000Z"),
            ("2016-12-31T23:59:60.500000+0000", "2017-01-01T00:00:00.500000Z"),
        ] {
            let event = try map(#"{"timestamp":"\#(text)"}"#)
            expect(event, ["@timestamp": expected, "event.kind": "event", "error.message": nil])
        }
    }

    @Test("A time as a number, with what it names in other fields")
    func numbers() throws {
        let event = try map(
            #"{"timestamp":1769949296.123456,"event_type":"flow","#
                + #""flow":{"start":1769949290,"end":1.7699492965E9,"bytes_toserver":12.0}}"#)
        expect(
            event,
            [
                "@timestamp": "2026-02-01T12:34:56.123456Z", "event.start": "2026-02-01T12:34:50.000000Z",
                "event.end": "2026-02-01T12:34:56.500000Z", "event.duration": "6500000000", "source.bytes": "12",
                "event.kind": "event",
            ])
        #expect(event.isTimeUsable && event.time == 1_769_949_296_123_456_000)
    }

    @Test(
        "A missing or wild time is said so, and the time of reading takes its place",
        arguments: [
            (#"{"event_type":"alert"}"#, "no timestamp"), (#"{"timestamp":null}"#, "not a time"),
            (#"{"timestamp":"ts-error"}"#, "not a time"), (#"{"timestamp":17}"#, "not a time"),
            (#"{"timestamp":"2026-02-30T00:00:00.000000+0000"}"#, "not a time"),
            (#"{"timestamp":"1900-01-00T00:00:00.000000+0000"}"#, "not a time"),
            (#"{"timestamp":"1989-12-31T23:59:59.999999+0000"}"#, "before 1990"),
            (#"{"timestamp":"2026-03-02T00:00:00.000001+0000"}"#, "24 hours after"),
        ])
    func unusable(_ line: String, _ message: String) throws {
        let event = try map(line)
        expect(event, ["@timestamp": "2026-03-01T00:00:00.000000Z", "event.kind": "pipeline_error"])
        #expect(event["error.message"]?.contains(message) == true)
        #expect(!event.isTimeUsable && event.time == testReadTime && event.eve == line)
    }
}

@Suite("Lines that are not one well-formed event")
struct UnusualLineTests {
    private static let whole = #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"stats","x":1}"#

    @Test(
        "What can never be an event is rejected, with its bytes",
        arguments: [
            ("nonsense", Rejection.Reason.notJSON), ("[1]", .notObject), ("7", .notObject), (#""text""#, .notObject),
            ("null", .notObject), (#"{"a":NaN}"#, .notJSON), (#"{"a":1"#, .notJSON), ("{\"a\":\"\u{1}\"}", .notJSON),
            ("{\"a\":\"x\0y\"}", .notJSON),
        ])
    func rejected(_ line: String, _ reason: Rejection.Reason) throws {
        let parts = try mapParts(Array(line.utf8))
        guard parts.count == 1, case .rejected(let rejection, let bytes, 0) = parts[0] else {
            Issue.record("\(parts)")
            return
        }
        #expect(rejection.reason == reason && bytes == Array(line.utf8) && !rejection.description.isEmpty)
    }

    @Test("Empty lines, and nothing but NULs")
    func empty() throws {
        for line in [[], [0, 0, 0]] as [[UInt8]] {
            let parts = try mapParts(line)
            guard parts.count == 1, case .rejected(let rejection, _, _) = parts[0] else {
                Issue.record("\(parts)")
                return
            }
            #expect(rejection.reason == .empty)
        }
    }

    @Test(
        "CRLF, white space, NULs, a byte order mark and the syslog mark do no harm",
        arguments: ["\r", " \t", "\0\0", "@cee: ", "\u{FEFF}", "\0\u{FEFF}@cee:"])
    func padding(_ text: String) throws {
        let isBehind = text == "\r" || text == " \t"
        let parts = try mapParts(Array((isBehind ? Self.whole + text : text + Self.whole).utf8))
        guard parts.count == 1, case .event(let event, _) = parts[0] else {
            Issue.record("\(parts)")
            return
        }
        #expect(event.eve == Self.whole)
    }

    @Test("A piece of an event before a whole one: the whole one is mapped, the piece rejected")
    func merged() throws {
        let piece = #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"al"#
        let parts = try mapParts(Array((piece + Self.whole).utf8))
        guard parts.count == 2, case .rejected(let rejection, let bytes, 0) = parts[0],
            case .event(let event, piece.utf8.count) = parts[1]
        else {
            Issue.record("\(parts)")
            return
        }
        #expect(rejection.reason == .notJSON && bytes == Array(piece.utf8) && event.eve == Self.whole)
    }

    @Test(
        "An event behind something else is found, whatever blanks its JSON has",
        arguments: [
            "Aug  6 12:00:00 pi suricata[1]: ", "<134>1 2026-02-01T12:00:00Z pi suricata 1 - - @cee: ",
            #"{"timestamp": "2026-02-01T12:34:56.123456+0000", "event_type": "al"#, #"{ "timestamp""#, "{",
        ],
        [
            #"{"timestamp": "2026-02-01T12:34:56.123456+0000", "event_type": "stats"}"#,
            #"{ "timestamp" : "2026-02-01T12:34:56.123456+0000"}"#, "{\t\"timestamp\":1769949296}",
        ])
    func spacing(_ front: String, _ event: String) throws {
        // Merged with a further event, with and without a blank between them.
        for blank in ["", " "] {
            let parts = try mapParts(Array((front + event + blank + event).utf8))
            guard parts.count == 3, case .rejected(_, let bytes, 0) = parts[0],
                case .event(let first, front.utf8.count) = parts[1],
                case .event(let second, (front + event + blank).utf8.count) = parts[2]
            else {
                Issue.record("\(parts)")
                return
            }
            #expect(bytes == Array(front.utf8) && first.eve == event && second.eve == event)
        }
    }

    @Test(
        "What is laid out over several lines or as an array says what is wanted",
        arguments: ["{", "[", "  },", "]", "\u{FEFF}[", #"[{"a":1},{"a":2}]"#, #"[ {"a":1},"#])
    func laidOut(_ line: String) throws {
        let parts = try mapParts(Array(line.utf8))
        guard case .rejected(let rejection, _, _) = parts.first else {
            Issue.record("\(parts)")
            return
        }
        #expect(rejection.description.hasSuffix("; one event on one line is wanted"))
    }

    @Test("Two whole events on one line are both mapped, and what follows them is rejected")
    func two() throws {
        let parts = try mapParts(Array((Self.whole + Self.whole + "}{").utf8))
        guard parts.count == 3, case .event(let first, 0) = parts[0],
            case .event(let second, Self.whole.utf8.count) = parts[1], case .rejected(_, let bytes, _) = parts[2]
        else {
            Issue.record("\(parts)")
            return
        }
        #expect(first.eve == Self.whole && second.eve == Self.whole && bytes == Array("}{".utf8))
    }

    @Test("A line of nothing but beginnings comes to an end", .timeLimit(.minutes(1)))
    func beginnings() throws {
        let line = Array(String(repeating: #"{"timestamp":""#, count: 100_000).utf8)
        let parts = try mapParts(line)
        #expect(parts.count == 64)
    }

    @Test("Bytes that are not UTF-8 are repaired, and the document says so")
    func invalidUTF8() throws {
        let line =
            Array(#"{"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":5,"event_type":"http","#.utf8)
            + Array(#""http":{"url":"/a"#.utf8) + [0xFF, 0xC3] + Array(#"b","hostname":"é.example"}}"#.utf8)
        let parts = try mapParts(line)
        guard parts.count == 1, case .event(let event, 0) = parts[0] else {
            Issue.record("\(parts)")
            return
        }
        expect(
            event,
            [
                "url.path": "/a\u{FFFD}\u{FFFD}b", "url.domain": "é.example", "tags": #"["invalid_utf8_repaired"]"#,
                "@timestamp": "2026-02-01T12:34:56.123456Z",
            ])
        #expect(event.eve.contains(#""flow_id":"5""#) && event.eve.contains("/a\u{FFFD}\u{FFFD}b"))
    }

    @Test("What follows an event with such bytes is found at its place")
    func invalidUTF8AndMore() throws {
        let first =
            Array(#"{"timestamp":"2026-02-01T12:34:56.123456+0000","a":""#.utf8) + [0xFF, 0xFE, 0xFD]
            + Array(#""}"#.utf8)
        let parts = try mapParts(first + Array((Self.whole + "x").utf8))
        guard parts.count == 3, case .event(let event, 0) = parts[0], case .event(let second, first.count) = parts[1],
            case .rejected(_, let bytes, _) = parts[2]
        else {
            Issue.record("\(parts)")
            return
        }
        #expect(event.eve.hasSuffix("\u{FFFD}\u{FFFD}\u{FFFD}\"}") && second.eve == Self.whole && bytes == [0x78])
    }

    @Test("Of keys that are there twice the last one counts, at every level")
    func duplicates() throws {
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"x","event_type":"http","src_ip":"1.1.1.1","#
                + #""src_ip":"2.2.2.2","http":{"http_method":"GET","http_method":"PUT"}}"#)
        expect(
            event,
            ["source.ip": "2.2.2.2", "http.request.method": "PUT", "tags": #"["duplicate_keys_removed"]"#])
        #expect(!event.eve.contains("1.1.1.1") && !event.eve.contains("GET") && event.type == "http")
    }

    @Test("Twenty levels deep is mapped, hundreds are rejected")
    func deep() throws {
        func line(_ depth: Int) -> String {
            Self.whole.dropLast() + #","d":"# + String(repeating: #"{"d":["#, count: depth / 2) + "1"
                + String(repeating: "]}", count: depth / 2) + "}"
        }
        #expect(try map(line(20)).eve == line(20))
        let parts = try mapParts(Array(line(400).utf8))
        guard parts.count == 1, case .rejected(let rejection, _, _) = parts[0] else {
            Issue.record("\(parts.count) parts")
            return
        }
        #expect(rejection.reason == .tooComplex)
    }

    @Test("Numbers beyond 2^63 stay as they are")
    func largeNumbers() throws {
        let number = "123456789012345678901234567890"
        let event = try map(
            #"{"timestamp":"2026-02-01T12:34:56.123456+0000","flow_id":\#(number),"event_type":"flow","src_port":-1,"#
                + #""flow":{"bytes_toserver":\#(number),"pkts_toserver":9223372036854775807,"pkts_toclient":1,"#
                + #""bytes_toclient":1e3}}"#)
        expect(
            event,
            [
                "source.bytes": nil, "source.packets": "9223372036854775807", "destination.packets": "1",
                "network.packets": nil, "source.port": nil, "destination.bytes": "1000",
            ])
        #expect(event.eve.contains(#""flow_id":"\#(number)""#) && event.eve.contains(#""bytes_toserver":\#(number)"#))
    }

    @Test("8 MiB in one string and 50,000 keys are mapped whole, and the next line as well", .timeLimit(.minutes(1)))
    func large() throws {
        var mapper = LineMapper()
        let long = Self.whole.dropLast() + #","payload":""# + String(repeating: "QUJD", count: 2 << 20) + #""}"#
        let keys = (0..<50_000).map { #""k\#($0)":\#($0)"# }.joined(separator: ",")
        let wide = Self.whole.dropLast() + #","stats":{"# + keys + "}}"
        for line in [long, wide, Self.whole[...]] as [any StringProtocol] {
            let parts = try mapParts(Array(line.utf8), &mapper)
            guard parts.count == 1, case .event(let event, 0) = parts[0] else {
                Issue.record("\(parts.count) parts")
                return
            }
            #expect(event.eve == String(line))
        }
    }
}
