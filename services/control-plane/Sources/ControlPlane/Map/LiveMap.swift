import EventContract
import HTTPServer
import JSON
import Lifecycle
import Metrics
import Networks
import RedisStreams
import Settings
import Synchronization
import Zstd

/// Who talks to whom, now: events and requests of proxies, gathered in buckets of a second and told to all who look.
///
/// Documents are read beside the consumer groups, so that nothing waits for the map. Each is read once, whoever looks; each
/// message is encoded once.
final class LiveMap: Sendable {
    /// Events of one bucket that are all looked at; with more, one of several is.
    private static let eventsOfBucketMax = 20_000
    private static let waitMilliseconds = 250
    /// So often it is looked whether who looks still may.
    private static let admissionMilliseconds = 5_000
    private static let statsBuckets = 5
    /// The inbox is that much behind.
    private static let inboxBuckets = 15
    private static let requestsMax = 10_000

    private struct State {
        var graph: MapGraph
        var recording: MapRecording
        var stream = MapFrames.StreamState()
        var sequence: Int64 = 0
        var requests: [ProxyRequest] = []
        /// Since the last statistics.
        var events = 0, shown = 0, dropped = 0, buckets = 0
        /// What the pages know of the stream.
        var toldFault: String?
    }

    /// What the pages follow.
    let deltas = Broadcast(hasSnapshots: true, snapshotAgeMax: 2, notice: MapFrames.resync)
    /// What programs follow that want single requests.
    let accessLog = Broadcast(messagesMax: 1_024) { missed in
        WebSocketMessage(utf8: JSONWriter.object { $0.member("dropped", missed) })
    }
    let settings: MapSettings
    let context: MapFrames.Context
    /// Pages that are open, hidden ones among them.
    let viewers = Viewers()
    /// Programs that follow single requests.
    let followers = Viewers()

    /// Where events come from.
    let stream: MapStream
    private let wakeUp = WakeUp()
    private let state: Mutex<State>
    private let events: Counter
    private let dropped: Counter

    /// - Parameters:
    ///   - stream: the name of the stream of documents.
    ///   - link: makes a way to Redis for one thread.
    init(
        _ settings: MapSettings, stream: String, metrics: MetricsRegistry,
        link: @escaping @Sendable (StopSignal) -> RedisLink
    ) {
        self.settings = settings
        self.stream = MapStream(
            stream, wakeUp: wakeUp,
            isWanted: { [viewers, followers] in Self.isWanted(settings, viewers, followers) }, link: link
        )
        var limits = MapGraph.Limits()
        limits.nodesMax = settings.nodesMax
        let graph = MapGraph(limits: limits)
        let seconds = limits.bucketsKept * MapFrames.bucketMilliseconds / 1_000
        state = Mutex(State(graph: graph, recording: MapRecording(secondsMax: seconds)))
        var networks: [(name: String, isOwn: Bool)] = []
        for name in settings.networks.map(\.name) + (settings.traefik ?? []).map(\.network)
        where !networks.contains(where: { $0.name == name }) {
            networks.append((name, settings.networks.contains { $0.name == name }))
        }
        context = MapFrames.Context(
            epoch: String(UInt32.random(in: .min ... .max), radix: 16), networks: networks)
        events = metrics.counter("map_events_total", help: "Events that the live map has read.")
        dropped = metrics.counter(
            "map_events_dropped_total",
            help: "Events that the live map has not looked at, because there were too many.")
        let viewersGauge = metrics.gauge("map_viewers", help: "Pages that show the live map.")
        metrics.collect { [viewers] in viewersGauge.set(Double(viewers.count)) }
    }

    /// Whether to follow what happens: somebody looks, or it is recorded.
    var isWanted: Bool { Self.isWanted(settings, viewers, followers) }

    private static func isWanted(_ settings: MapSettings, _ viewers: Viewers, _ followers: Viewers) -> Bool {
        settings.isRecorded || viewers.count + followers.count > 0
    }

    /// Works until asked to stop.
    func run(until stop: StopSignal) {
        let reader = MapEvents(settings)
        let decompressor = ZstdDecompressor()
        var bucket = Interval(milliseconds: MapFrames.bucketMilliseconds)
        var admission = Interval(milliseconds: Self.admissionMilliseconds)
        while !stop.isStopped {
            let arrivals = stream.take()
            note(arrivals)
            for payload in arrivals.payloads {
                // What cannot be read is told by who writes it into a store.
                if let batch = try? DocumentBatch(decoding: payload, with: decompressor) { take(batch, reader) }
            }
            if bucket.isDue {
                bucket.restartByPlan()
                closeBucket(reader)
            }
            publishSnapshotIfWanted()
            if admission.restartIfDue() {
                viewers.expel()
                followers.expel()
            }
            let wait = max(1, min(Self.waitMilliseconds, bucket.remainingMilliseconds))
            Pause.milliseconds(wait, wakingOn: [stop.fileDescriptor, wakeUp.fileDescriptor])
            wakeUp.rest()
        }
    }

    private func note(_ arrivals: MapStream.Arrivals) {
        dropped.add(UInt64(arrivals.droppedEvents))
        state.withLock { state in
            state.stream.fault = arrivals.fault
            state.dropped += arrivals.droppedEvents
        }
    }

    // MARK: - What comes

    /// Adds a batch to the open bucket.
    func take(_ batch: DocumentBatch, _ reader: MapEvents) {
        let time = WallClock.seconds()
        let follows = followers.count > 0
        let (skipped, requests) = state.withLock { state in
            let outcome = reader.add(
                batch, to: &state.graph, sampling: state.stream.sampling, time: time, wantsRequests: follows)
            state.events += outcome.events
            state.dropped += outcome.skipped
            state.stream.newestTime = max(state.stream.newestTime, outcome.newest / 1_000_000_000)
            return (outcome.skipped, outcome.requests)
        }
        events.add(UInt64(batch.count))
        dropped.add(UInt64(skipped))
        for request in requests { accessLog.publish(WebSocketMessage(utf8: request.json)) }
    }

    /// Takes requests that a proxy has written down; what is too much is counted.
    func take(_ requests: [ProxyRequest]) {
        state.withLock { state in
            let room = max(0, Self.requestsMax - state.requests.count)
            state.requests += requests.prefix(room)
            state.dropped += max(0, requests.count - room)
        }
    }

    // MARK: - Buckets

    /// Ends the bucket, and tells what it has brought.
    func closeBucket(_ reader: MapEvents) {
        let time = WallClock.seconds()
        let follows = followers.count > 0
        let (messages, lines) = state.withLock { state -> ([[UInt8]], [AccessLogLine]) in
            var lines: [AccessLogLine] = []
            for request in state.requests {
                let line = request.add(to: &state.graph, reader, time: time)
                if follows { lines.append(line) }
            }
            state.events += state.requests.count
            state.requests.removeAll(keepingCapacity: state.requests.count < 1_000)
            let bucket = state.graph.close(time: time)
            state.sequence += 1
            state.shown += bucket.shown
            let delta = MapFrames.delta(bucket, state.graph, sequence: state.sequence, time: time)
            if !bucket.isQuiet { state.recording.add(delta, time: time) }
            state.stream.sampling = max(
                1, (bucket.events + Self.eventsOfBucketMax - 1) / Self.eventsOfBucketMax)
            state.buckets += 1
            guard state.buckets == Self.statsBuckets || state.stream.fault != state.toldFault else {
                return ([delta], lines)
            }
            state.toldFault = state.stream.fault
            let stats = MapFrames.stats(
                events: state.events, shown: state.shown, dropped: state.dropped, seconds: state.buckets,
                time: time, state.stream)
            (state.events, state.shown, state.dropped, state.buckets) = (0, 0, 0, 0)
            return ([delta, stats], lines)
        }
        for message in messages { deltas.publish(WebSocketMessage(utf8: message)) }
        for line in lines { accessLog.publish(WebSocketMessage(utf8: line.json)) }
    }

    /// Tells all that is on the map to those who have just come, or have missed something.
    func publishSnapshotIfWanted() {
        guard deltas.isSnapshotWanted else { return }
        let snapshot = state.withLock { state in
            MapFrames.snapshot(
                state.graph, sequence: state.sequence, time: WallClock.seconds(), state.stream, context)
        }
        deltas.publishSnapshot(WebSocketMessage(utf8: snapshot))
    }

    /// What is recorded of a time, as JSON.
    func recording(from: Int64?, to: Int64?, to answer: inout JSONWriter) {
        let (recording, graph) = state.withLock { ($0.recording, $0.graph) }
        recording.write(from: from, to: to, time: WallClock.seconds(), graph, context, to: &answer)
    }

    // MARK: - Names and open alerts

    /// Own hosts by the address, as events have it.
    var hosts: [(id: Int, address: String)] {
        state.withLock { state in
            state.graph.nodes.values.filter { $0.kind == .host || $0.kind == .gateway }.map { ($0.id, $0.key.text) }
        }
    }

    /// Gives nodes their names, and says which alerts are open.
    ///
    /// - Parameters:
    ///   - open: severity and both addresses of each open group.
    ///   - areAll: whether there are no further ones.
    func label(_ names: [Int: String], open: [(severity: Int, sensor: String, ends: [String])], areAll: Bool) {
        let areSensorsApart = settings.networks.contains { $0.sensor != nil }
        let alerts = open.flatMap { alert in
            alert.ends.map { end in
                let sensor = areSensorsApart ? alert.sensor : ""
                return (IPAddress(end).map { MapGraph.Address(address: $0, sensor: sensor) }, alert.severity)
            }
        }
        state.withLock { state in
            for (id, name) in names { state.graph.rename(id, name) }
            var severities: [Int: Int] = [:]
            var areSomeElsewhere = false
            for (address, severity) in alerts {
                if let node = address.flatMap(state.graph.node) {
                    severities[node] = worse(severities[node] ?? 0, severity)
                } else {
                    areSomeElsewhere = true
                }
            }
            state.graph.setOpenSeverities(
                severities, areAll: areAll, areSomeElsewhere: areSomeElsewhere, age: Self.inboxBuckets)
        }
    }
}

/// Who looks.
final class Viewers: Sendable {
    private struct Viewer {
        let socket: WebSocket
        let isAdmitted: @Sendable () -> Bool
        /// Whether the page is open and wants nothing now, as one that is hidden.
        var isPaused = false
    }

    private let open = Mutex<[ObjectIdentifier: Viewer]>([:])

    /// How many of them look now.
    var count: Int { open.withLock { $0.values.count { !$0.isPaused } } }

    /// - Parameter isAdmitted: whether the viewer may still look; sessions end.
    func come(_ socket: WebSocket, isAdmitted: @escaping @Sendable () -> Bool) {
        open.withLock { $0[ObjectIdentifier(socket)] = Viewer(socket: socket, isAdmitted: isAdmitted) }
    }

    func pause(_ socket: WebSocket, _ isPaused: Bool) {
        open.withLock { $0[ObjectIdentifier(socket)]?.isPaused = isPaused }
    }

    func go(_ socket: WebSocket) {
        open.withLock { $0[ObjectIdentifier(socket)] = nil }
    }

    /// Ends the connection of everybody who may no longer look.
    func expel() {
        for viewer in open.withLock({ $0.values }) where !viewer.isAdmitted() { viewer.socket.close(code: 1008) }
    }
}
