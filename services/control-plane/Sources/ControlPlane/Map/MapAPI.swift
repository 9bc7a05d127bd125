import APIDescription
import HTTPServer
import HTTPTypes
import JSON
import Synchronization

/// The live map for pages and programs.
struct MapAPI: Sendable {
    static let subprotocol = "ids.map.v1"

    let map: LiveMap
    let traefik: TraefikNames
    /// Who sends a request, and whether that is a use of the session; nil for nobody that is known.
    let identify: @Sendable (ServerRequest, _ isUse: Bool) -> Caller?
    private let replays = Places(2)

    init(
        map: LiveMap, traefik: TraefikNames,
        identify: @escaping @Sendable (ServerRequest, _ isUse: Bool) -> Caller?
    ) {
        (self.map, self.traefik, self.identify) = (map, traefik, identify)
    }

    private var access: Access { map.settings.isPublicOnLAN ? .open : .role(.viewer) }

    private static let second = ParameterForm<Int>.integer(0...(1 << 40))
    private static let from = Parameter(
        "from", in: .query, optional: second, "The first second, since the epoch; without it all that is kept.")
    private static let to = Parameter(
        "to", in: .query, optional: second, "The last second, since the epoch; without it until now.")

    var operations: [Operation] {
        [
            Operation(
                .get, "/live", id: "followMap",
                "Follows the live map over a WebSocket: a snapshot, then what each second brings.", access: access,
                returns: [],
                .webSocket(subprotocols: [Self.subprotocol]) { call in
                    MapViewer(map, visit(call.request))
                }),
            Operation(
                .get, "/map/buckets", id: "replayMap", "Gives what the live map has told in the last 15 minutes.",
                access: access, parameters: [Self.from, Self.to],
                returns: [.init(.ok, "The deltas, and all nodes and edges that they name.", .json(Self.recording))],
                .blocking { call in
                    let (from, to) = (try call[Self.from], try call[Self.to])
                    // Each may take much of the memory of a small machine.
                    guard replays.take() else {
                        throw Problem(
                            .serviceUnavailable, "others are given a replay now; try again in a second",
                            fields: ["retry-after": "1"]
                        ).refusal
                    }
                    defer { replays.giveBack() }
                    return .json { map.recording(from: from.map(Int64.init), to: to.map(Int64.init), to: &$0) }
                }),
        ]
    }

    private static let recording = JSONSchema.object([
        .required("epoch", .text()), .required("networks", .array(of: .any)), .required("from", .integer()),
        .required("to", .integer()),
        .required("bucket_ms", .integer()), .required("window_s", .integer()), .required("complete", .boolean),
        .required("nodes", .array(of: .any)), .required("edges", .array(of: .any)),
        .required("deltas", .array(of: .any)),
    ])

    /// What is served beside the API, under names of its own.
    var routes: [Route] {
        var info = Route.atOnce(.get, "/network_info") { _ in .json { networkInfo(to: &$0) } }
        var log = Route.webSocket("/access_logs") { request in
            AccessLogFollower(map, visit(request))
        }
        let admission: Route.Admission = { request in
            isAdmitted(request) ? nil : Problem(.unauthorized, "log in first").response
        }
        (info.admission, log.admission) = (admission, admission)
        return [info, log]
    }

    private func networkInfo(to answer: inout JSONWriter) {
        answer.array("networks") { list in
            for network in map.context.networks {
                let proxy = (map.settings.traefik ?? []).first { $0.network == network.name }
                list.object { object in
                    object.member("name", network.name)
                    object.member("own", network.isOwn)
                    object.member("proxy", proxy.map(\.network))
                    object.member("public", proxy?.isPublic ?? false)
                    object.array("services") { list in
                        for name in services(of: network.name) {
                            list.object {
                                $0.member("name", name)
                                $0.member("kind", "leaf")
                            }
                        }
                    }
                }
            }
        }
        answer.member("duration_stretch", map.settings.durationStretch)
    }

    private func services(of network: String) -> [String] {
        let named = (map.settings.services ?? []).filter { $0.network == network }.map(\.name)
        return Set(named + traefik.services(of: network)).sorted()
    }

    /// - Parameter isUse: whether somebody asks; a map that is open on a screen keeps no session alive.
    private func isAdmitted(_ request: ServerRequest, isUse: Bool = true) -> Bool {
        map.settings.isPublicOnLAN || identify(request, isUse) != nil
    }

    private func visit(_ request: ServerRequest) -> Visit {
        Visit(
            clientName: identify(request, true).map { "account " + $0.name } ?? ClientAddress(request.peer).client,
            isAdmitted: { isAdmitted(request, isUse: false) })
    }
}

/// What only so many may do at once.
final class Places: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    /// Takes a place, to be given back; false when there is none.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func giveBack() { free.withLock { $0 += 1 } }
}

/// Who looks, and whether that is still allowed.
private struct Visit: Sendable {
    let clientName: String
    let isAdmitted: @Sendable () -> Bool
}

/// A page that shows the map.
private final class MapViewer: WebSocketSession {
    private let map: LiveMap
    private let visit: Visit
    var clientName: String { visit.clientName }

    init(_ map: LiveMap, _ visit: Visit) {
        (self.map, self.visit) = (map, visit)
    }

    func opened(_ socket: WebSocket) {
        map.viewers.come(socket, isAdmitted: visit.isAdmitted)
        socket.subscribe(to: map.deltas)
    }

    func received(_ message: WebSocketMessage, on socket: WebSocket) {
        var tree = JSONTree()
        message.bytes.withUnsafeBytes { bytes in
            guard let type = (try? tree.parse(bytes))?["type"] else { return }
            if type.isEqual(to: "pause") {
                map.viewers.pause(socket, true)
                socket.unsubscribe()
            } else if type.isEqual(to: "resume") {
                map.viewers.pause(socket, false)
                socket.subscribe(to: map.deltas)
            }
        }
    }

    func closed(_ socket: WebSocket) { map.viewers.go(socket) }
}

/// A program that follows single requests.
private final class AccessLogFollower: WebSocketSession {
    private let map: LiveMap
    private let visit: Visit
    var clientName: String { visit.clientName }

    init(_ map: LiveMap, _ visit: Visit) {
        (self.map, self.visit) = (map, visit)
    }

    func opened(_ socket: WebSocket) {
        map.followers.come(socket, isAdmitted: visit.isAdmitted)
        socket.subscribe(to: map.accessLog)
    }

    func closed(_ socket: WebSocket) { map.followers.go(socket) }
}
