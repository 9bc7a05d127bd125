import APIDescription
import CivilTime
import HTTPServer
import HTTPTypes
import JSON
import Lifecycle
import Networks
import SQLite

extension EventsAPI {
    private static let hours = Parameter(
        "hours", in: .query, .integer(1...720), default: 24, "How many hours, with the one that runs.")
    private static let own = Parameter(
        "own", in: .query, optional: .boolean, "Only hosts of own networks, or only those of others.")
    private static let text = Parameter(
        "q", in: .query, mayBeEmpty(bytesMax: 200), default: "", "How the address begins, or a part of the name.")
    private static let hostSort = Parameter(
        "sort", in: .query, ParameterForm<HostList.Sort>.choice, default: .bytes, "The most first.")
    private static let hostsMax = Parameter("limit", in: .query, .integer(1...500), default: 100, "How many at most.")
    private static let ip = Parameter(
        "ip", in: .path,
        ParameterForm<String>(.text(bytesMax: 45)) { text in
            Array(text.utf8).withUnsafeBytes { IPAddress(text: $0) } == nil ? nil : text
        }, "An address.")

    private static let hostSchema = JSONSchema.named(
        "Host",
        .object([
            .required("ip", .text()), .required("names", .array(of: .text())), .required("own", .boolean),
            .required("bytes_out", .integer()), .required("bytes_in", .integer()), .required("flows", .integer()),
            .required("alerts", .integer()), .required("first", .nullable(.text(format: "date-time"))),
            .required("last", .nullable(.text(format: "date-time"))),
        ]))

    private static let hostPage = JSONSchema.object([
        .required("host", hostSchema),
        .required(
            "note",
            .nullable(
                .object([
                    .required("name", .text()), .required("note", .text()), .required("by", .text()),
                    .required("time", .text(format: "date-time")),
                ]))),
        .required(
            "names",
            .array(
                of: .object([
                    .required("name", .text()), .required("source", .choice(["dns", "dhcp", "tls"])),
                    .required("last", .text(format: "date-time")),
                ]))),
        .required(
            "hours",
            .array(
                of: .object([
                    .required("time", .text(format: "date-time")), .required("bytes_out", .integer()),
                    .required("bytes_in", .integer()), .required("flows", .integer()), .required("alerts", .integer()),
                ]))),
        .required(
            "peers",
            .array(
                of: .object([
                    .required("ip", .text()), .required("name", .nullable(.text())), .required("bytes", .integer()),
                    .required("flows", .integer()),
                ]))),
        .required(
            "ports", .array(of: .object([.required("port", .integer()), .required("flows", .integer())]))),
        .required("complete", .boolean), .required("groups", .array(of: groupSchema)),
    ])

    var hosts: [Operation] {
        [
            Operation(
                .get, "/hosts", id: "listHosts", "Lists hosts that had flows or alerts in the last hours.",
                access: .role(.viewer), parameters: [Self.hours, Self.own, Self.text, Self.hostSort, Self.hostsMax],
                returns: [
                    .init(
                        .ok, "The hosts.",
                        .json(
                            .object([
                                .required("hosts", .array(of: Self.hostSchema)), .required("hours", .integer()),
                                .required("complete", .boolean),
                            ])))
                ],
                .blocking { call in
                    let (hours, own, text) = (try call[Self.hours], try call[Self.own], try call[Self.text])
                    let (sort, limit) = (try call[Self.hostSort], try call[Self.hostsMax])
                    let named = try triage.hosts(named: text)
                    let hosts = try read { reader -> [[UInt8]]? in
                        guard let index = reader.index() else { return [] }
                        let list = HostList(index: index)
                        do {
                            return try list.hosts(
                                own: own, hours: hours, until: WallClock.nanoseconds(), matching: text, or: named, sort,
                                limit: limit
                            ).map { Self.json($0, names: try list.names(of: $0.ip), reader) }
                        } catch let error as SQLiteError where error.code == .interrupted {
                            return nil
                        }
                    }
                    return .json { answer in
                        answer.array("hosts") { list in for host in hosts ?? [] { list.json(host) } }
                        answer.member("hours", hours)
                        answer.member("complete", hosts != nil)
                    }
                }),
            Operation(
                .get, "/hosts/{ip}", id: "getHost", "Shows what is known of a host.", access: .role(.viewer),
                parameters: [Self.ip, Self.hours], returns: [.init(.ok, "The host.", .json(Self.hostPage))],
                errors: [.notFound],
                .blocking { call in
                    let (ip, hours) = (try call[Self.ip], try call[Self.hours])
                    let now = WallClock.nanoseconds()
                    let note = try triage.hostNote(of: ip)
                    let (page, groups) = try read { try Self.page(ip, hours, now, $0) }
                    let groupList = try self.groups(of: groups)
                    return .json { answer in
                        answer.name("host")
                        answer.json(page.host)
                        if let note {
                            answer.object("note") { object in
                                object.member("name", note.name)
                                object.member("note", note.note)
                                object.member("by", note.user)
                                object.member("time", UTCTimestamp(note.time).description)
                            }
                        } else {
                            answer.member("note", String?.none)
                        }
                        answer.array("names") { list in
                            for name in page.names {
                                list.object { object in
                                    object.member("name", name.name)
                                    object.member("source", name.source)
                                    object.member("last", UTCTimestamp(name.last).description)
                                }
                            }
                        }
                        answer.array("hours") { list in
                            for hour in page.hours {
                                list.object { object in
                                    object.member("time", UTCTimestamp(hour.hour * Hour.nanoseconds).description)
                                    object.member("bytes_out", hour.bytesOut)
                                    object.member("bytes_in", hour.bytesIn)
                                    object.member("flows", hour.flows)
                                    object.member("alerts", hour.alerts)
                                }
                            }
                        }
                        answer.array("peers") { list in
                            for peer in page.peers {
                                list.object { object in
                                    object.member("ip", peer.ip)
                                    object.member("name", peer.name)
                                    object.member("bytes", peer.bytes)
                                    object.member("flows", peer.flows)
                                }
                            }
                        }
                        answer.array("ports") { list in
                            for (port, flows) in page.ports {
                                list.object {
                                    $0.member("port", port); $0.member("flows", flows)
                                }
                            }
                        }
                        answer.member("complete", page.isComplete)
                        answer.array("groups") { list in for group in groupList { list.json(group) } }
                    }
                }),
            Operation(
                .put, "/hosts/{ip}", id: "putHostNote",
                "Says what a host is called, wherever it is shown, and what is to be known of it; empty for nothing.",
                access: .role(.analyst), parameters: [Self.ip],
                body: .json(
                    .object([
                        .required("name", .text(bytesMax: 100)), .required("note", .text(bytesMax: Self.noteBytesMax)),
                    ]), bytesMax: 1 << 14), returns: [.init(.noContent, "It is kept.")],
                errors: [.notFound, .conflict],
                .blocking { call in
                    let (name, note) = try call.body { ($0["name"]?.printable ?? "", $0["note"]?.string ?? "") }
                    let isKept = try triage.put(
                        Triage.HostNote(
                            name: name, note: note, user: call.caller?.name ?? "", time: WallClock.nanoseconds()),
                        on: try call[Self.ip])
                    guard isKept else {
                        throw Problem(.conflict, "\(Triage.hostNotesMax) hosts have a note already").refusal
                    }
                    return .whole(ServerResponse(.noContent))
                }),
        ]
    }

    private static let noteBytesMax = 4_000

    private struct HostPage: Sendable {
        var host: [UInt8] = []
        var names: [HostList.Name] = []
        var hours: [HostList.HourOfHost] = []
        var peers: [(ip: String, name: String?, bytes: Int64, flows: Int64)] = []
        var ports: [(port: Int64, flows: Int64)] = []
        /// Whether peers and ports are those of all flows.
        var isComplete = true
    }

    /// Flows of which peers and ports are counted: the newest.
    private static let flowsMax = 2_000
    private static let shownMax = 20

    private static func page(
        _ ip: String, _ hours: Int, _ now: Int64, _ reader: EventReader
    ) throws -> (HostPage, groups: [Int64]) {
        var page = HostPage()
        var host: HostList.Host?
        var groups: [Int64] = []
        let isHost = QueryNetwork(ip).map { Query.field(.networkAddress, .network($0)) } ?? .all
        if let index = reader.index() {
            let list = HostList(index: index)
            host = try list.host(ip, hours: hours, until: now)
            page.names = try list.names(of: ip)
            page.hours = try list.hours(of: ip, hours: hours, until: now)
            groups = try GroupList(index: index).page(
                .open, isHost, .severity, limit: shownMax, after: nil, reader, deadline: .milliseconds(500)
            ).groups.map(\.number)
        }
        page.host = json(
            host
                ?? HostList.Host(
                    ip: ip, isOwn: OwnNetworks.contain(ip), flows: 0, bytesOut: 0, bytesIn: 0, alerts: 0, first: 0,
                    last: 0),
            names: page.names, reader)
        var peers: [String: (bytes: Int64, flows: Int64)] = [:]
        var ports: [Int64: Int64] = [:]
        var count = 0
        let recent = Query.field(
            .timestamp, .time(Bounds(lower: .including(now - Int64(hours) * Hour.nanoseconds))))
        let outcome = try reader.find(
            .and([.field(.type, .equals("flow")), isHost, recent]), deadline: .milliseconds(1_000)
        ) { _, document in
            guard let document else { return true }
            let (source, destination) = (document["source"], document["destination"])
            let isSource = source?["ip"]?.string == ip
            if let peer = (isSource ? destination : source)?["ip"]?.string {
                let before = peers[peer] ?? (0, 0)
                peers[peer] = (before.bytes &+ (document["network"]?["bytes"]?.int64 ?? 0), before.flows + 1)
            }
            if let port = destination?["port"]?.int64 { ports[port, default: 0] += 1 }
            count += 1
            return count < flowsMax
        }
        page.isComplete = outcome.isComplete && count < flowsMax
        page.peers = peers.sorted { ($1.value.bytes, $0.key) < ($0.value.bytes, $1.key) }.prefix(shownMax).map {
            ($0.key, reader.name(of: $0.key), $0.value.bytes, $0.value.flows)
        }
        page.ports = ports.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(shownMax).map {
            ($0.key, $0.value)
        }
        return (page, groups)
    }

    private static func json(_ host: HostList.Host, names: [HostList.Name], _ reader: EventReader) -> [UInt8] {
        let given = reader.givenName(of: host.ip).map { [$0] } ?? []
        return JSONWriter.object { object in
            object.member("ip", host.ip)
            object.member("names", given + names.prefix(3).map(\.name))
            object.member("own", host.isOwn)
            object.member("bytes_out", host.bytesOut)
            object.member("bytes_in", host.bytesIn)
            object.member("flows", host.flows)
            object.member("alerts", host.alerts)
            object.member("first", host.last > 0 ? UTCTimestamp(host.first).description : nil)
            object.member("last", host.last > 0 ? UTCTimestamp(host.last).description : nil)
        }
    }
}
