import EventContract
import Glibc
import JSON
import Logging
import ServiceTesting
import Settings
import Testing

@testable import ControlPlane

@Suite struct ProxyLogTests {
    private let folder: TemporaryDirectory
    private var path: String { folder.file("access.log") }

    init() throws {
        folder = try TemporaryDirectory("access-log")
    }

    private func append(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        _ = text.withCString { write(file, $0, strlen($0)) }
        close(file)
    }

    private func lines(_ follower: inout LogFollower) throws -> [String] {
        var lines: [String] = []
        try follower.read { lines.append(String(decoding: $0, as: UTF8.self)) }
        return lines
    }

    @Test func aLogIsFollowedFromItsEndOverRotationAndTruncation() throws {
        append("before\n", to: path)
        var follower = LogFollower(path: path)
        #expect(try lines(&follower) == [])
        append("one\ntw", to: path)
        #expect(try lines(&follower) == ["one"])
        append("o\n\nthree\n", to: path)
        rename(path, path + ".1")
        append("four\n", to: path + ".1")
        #expect(try lines(&follower) == ["two", "three", "four"])
        // As long as there is no new file, the old one is followed.
        append("five\n", to: path + ".1")
        append("six\n", to: path)
        #expect(try lines(&follower) == ["five"])
        #expect(try lines(&follower) == ["six"])
        truncate(path, 0)
        append("7\n", to: path)
        #expect(try lines(&follower) == ["7"])
    }

    @Test func whatIsWrittenWhileNobodyLooksIsLeftAlone() throws {
        append("one\n", to: path)
        var follower = LogFollower(path: path)
        _ = try lines(&follower)
        follower.letGo()
        append("two\n", to: path)
        #expect(try lines(&follower) == [])
        append("three\n", to: path)
        #expect(try lines(&follower) == ["three"])
    }

    @Test func aLogMayAppearLaterAndIsThenReadFromItsStart() throws {
        var follower = LogFollower(path: path)
        #expect(throws: (any Error).self) { try lines(&follower) }
        append("one\n", to: path)
        #expect(try lines(&follower) == ["one"])
    }

    @Test func aLineThatIsTooLongIsLeftOut() throws {
        append("", to: path)
        var follower = LogFollower(path: path)
        _ = try lines(&follower)
        append(String(repeating: "x", count: 3 * LogFollower.lineBytesMax) + "\nshort\n", to: path)
        #expect(try lines(&follower) == ["short"])
    }

    private static let proxies = [
        MapSettings.Proxy.testing(network: "front", isPublic: true), .testing(network: "back", isPublic: false),
    ]

    private func request(_ text: String, _ proxy: MapSettings.Proxy = proxies[1], _ names: TraefikNames? = nil) throws
        -> ProxyRequest?
    {
        let names = names ?? TraefikNames(MapSettings(), logger: .quiet)
        var tree = JSONTree()
        return try Array(text.utf8).withUnsafeBytes { names.request(try tree.parse($0), of: proxy) }
    }

    @Test(arguments: [
        // Version 2: the service's URL is an object.
        #"{"ClientAddr":"172.18.0.5:41234","ClientHost":"172.18.0.5","DownstreamStatus":400,"DownstreamContentSize":19,"Duration":18200000,"RequestMethod":"GET","RequestPath":"/x","RouterName":"quiet@docker","ServiceName":"quiet@docker","ServiceAddr":"172.18.0.3:80","ServiceURL":{"Host":"172.18.0.3:80"},"StartUTC":"2026-11-28T16:00:00.123456789Z","level":"info"}"#,
        // Version 3: it is a text.
        #"{"ClientAddr":"172.18.0.5:41234","ClientHost":"172.18.0.5","DownstreamStatus":400,"DownstreamContentSize":19,"Duration":18200000,"OriginStatus":400,"RequestMethod":"GET","RequestPath":"/x","RouterName":"quiet@docker","ServiceName":"quiet@docker","ServiceAddr":"172.18.0.3:80","ServiceURL":"http://172.18.0.3:80","StartUTC":"2026-11-28T16:00:00.123456789Z","entryPointName":"web"}"#,
    ]) func linesOfBothVersionsAreRequests(line: String) throws {
        let request = try #require(try request(line))
        #expect((request.client, request.service, request.serviceAddress) == ("172.18.0.5", "quiet", "172.18.0.3"))
        #expect((request.method, request.path, request.status) == ("GET", "/x", 400))
        #expect((request.milliseconds, request.bytes, request.time) == (18.2, 19, 1_795_881_600_123_456_789))
    }

    @Test(arguments: [#"{"level":"info","msg":"started"}"#, #"{"DownstreamStatus":"x"}"#, "[1]", "7"])
    func otherLinesAreNone(line: String) throws {
        #expect(try request(line) == nil)
    }

    @Test func aServiceThatAsksIsKnownByTheAddressAtWhichItAnswered() throws {
        let names = TraefikNames(MapSettings(), logger: .quiet)
        func line(_ client: String, _ service: String, _ address: String) -> String {
            #"{"ClientHost":"\#(client)","DownstreamStatus":200,"ServiceName":"\#(service)@docker","ServiceAddr":"\#(address):80"}"#
        }
        let proxy = Self.proxies[1]
        #expect(try request(line("10.0.0.9", "shop", "10.0.0.2"), proxy, names)?.clientService == nil)
        #expect(try request(line("10.0.0.2", "quiet", "10.0.0.3"), proxy, names)?.clientService == "shop")
        // The same address in another network is somebody else.
        #expect(try request(line("10.0.0.2", "quiet", "10.0.0.3"), Self.proxies[0], names)?.clientService == nil)
        #expect(names.services(of: "back").sorted() == ["quiet", "shop"])
    }

    @Test(arguments: [
        ("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"),
        ("shop", "shop"), ("", ""),
    ]) func portsAreLeftOut(text: String, host: String) {
        #expect(ProxyRequest.host(text) == host)
    }

    @Test func aHostIsOneNodeHoweverItsAddressIsWritten() throws {
        var graph = MapGraph()
        let events = MapEvents(MapSettings())
        let flow =
            #"{"source":{"ip":"fd00:0000:0000:0000:0000:0000:0000:0007"},"destination":{"ip":"192.168.1.1"},"#
            + #""suricata":{"eve":{"event_type":"flow"}}}"#
        _ = events.add(
            try DocumentBatch.testing([flow]), to: &graph, sampling: 1, time: 1, wantsRequests: false)
        let line = #"{"ClientHost":"fd00::7","DownstreamStatus":200,"ServiceName":"shop"}"#
        let request = try #require(try request(line, Self.proxies[0]))
        _ = request.add(to: &graph, events, time: 1)
        #expect(graph.nodes.values.filter { $0.kind == .host && $0.key.text.hasPrefix("fd00") }.count == 1)
    }

    @Test func whoAsksIsAServiceAnOwnHostOrAStranger() throws {
        var graph = MapGraph()
        let events = MapEvents(MapSettings())
        func source(_ client: String, _ proxy: MapSettings.Proxy) throws -> MapNode? {
            let text = #"{"ClientHost":"\#(client)","DownstreamStatus":502,"ServiceName":"shop"}"#
            let request = try #require(try request(text, proxy))
            _ = request.add(to: &graph, events, time: 1)
            let edge = graph.edges.values.max { $0.id < $1.id }
            return edge.flatMap { graph.nodes[$0.key.source] }
        }
        let own = try source("192.168.1.7", Self.proxies[0])
        #expect((own?.kind, own?.key.network, own?.isOwn) == (.host, "home", true))
        let outside = try source("203.0.113.9", Self.proxies[0])
        #expect((outside?.kind, outside?.key.network, outside?.isOwn) == (.unknown, "front", false))
        let intruder = try source("192.168.1.7", Self.proxies[1])
        #expect((intruder?.kind, intruder?.key.network, intruder?.isOwn) == (.unknown, "back", false))
        #expect(graph.close(time: 1).errors.count == 3)
    }
}

extension MapSettings.Proxy {
    static func testing(network: String, isPublic: Bool) -> MapSettings.Proxy {
        MapSettings.Proxy(network: network, accessLog: "/dev/null", apiURL: nil, isPublic: isPublic)
    }
}
