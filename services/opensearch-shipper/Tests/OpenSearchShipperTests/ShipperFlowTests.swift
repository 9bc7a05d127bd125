import EventContract
import Lifecycle
import Logging
import Metrics
import Pipeline
import RedisStreams
import SQLite
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import OpenSearchShipper

/// The whole flow with a real Redis and a real SQLite store.
@Suite(.enabled(if: RedisServerBinary.found != nil, Comment(rawValue: RedisServerBinary.absence)))
struct ShipperFlowTests {
    /// A shipper on a thread of its own, as the process runs it.
    private final class Running: Sendable {
        let stop = StopSignal()
        let readiness = Readiness()
        let registry = MetricsRegistry(prefix: "test")
        private let thread: DedicatedThread
        private let fault: Box

        final class Box: Sendable {
            let error = Mutex<String?>(nil)
        }

        init(_ redis: RedisOptions, _ makeSink: @escaping @Sendable () throws -> any Sink) {
            let (stop, readiness, registry, fault) = (stop, readiness, registry, Box())
            self.fault = fault
            thread = DedicatedThread {
                do {
                    let link = RedisLink(redis, service: "shipper", stop: stop, logger: .silent)
                    let keys = StreamKeys(prefix: redis.prefix)
                    try Shipper(
                        consumer: StreamConsumer(
                            link: link, keys: keys, stream: keys.ecs, group: "local", consumer: "one"),
                        trimmer: StreamTrimmer(
                            link: link, stream: keys.ecs, requiredGroups: ["local"], intervalMilliseconds: 50),
                        sink: makeSink(), sinkWatch: SinkWatch(name: "sink", readiness: readiness, logger: .silent),
                        blockMilliseconds: 50, clockToleranceMilliseconds: 1_000, heartbeat: Heartbeat(),
                        metrics: ShipperMetrics(registry)
                    ).run(until: stop)
                } catch {
                    fault.error.withLock { $0 = "\(error)" }
                }
            }
        }

        /// Asks it to stop, waits for that, and gives the fault that it ended by.
        @discardableResult
        func end() -> String? {
            stop.stop()
            thread.join()
            return fault.error.withLock { $0 }
        }

        /// Waits until it has ended by itself.
        func fails() -> String? {
            thread.join()
            return fault.error.withLock { $0 }
        }
    }

    private let redis: RedisFixture
    private let folder: TemporaryDirectory
    private let keys = StreamKeys()

    init() throws {
        // So that a kill loses nothing that was acknowledged, and counts can be exact.
        redis = try RedisFixture(["--appendfsync", "always"])
        folder = try TemporaryDirectory("shipper")
    }

    private var path: String { folder.file("events.db") }

    private func sqlite() -> @Sendable () -> any Sink {
        var settings = SQLiteSettings()
        settings.path = path
        return { [settings] in SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: .testing()) }
    }

    private func add(_ documents: [String], sensor: String = "s") throws {
        try add(payload: DocumentBatch.payload(documents, sensor: sensor, readTime: WallClock.nanoseconds()))
    }

    private func add(payload: [UInt8]) throws {
        try redis.call("XADD", .text(keys.ecs), "*", .text(StreamKeys.payloadField), .bytes(payload))
    }

    private func storedCount() throws -> Int64 {
        guard let database = try? SQLiteConnection(path: path, mode: .readOnly) else { return 0 }
        return (try? database.integer("SELECT count(*) FROM events")) ?? 0
    }

    private func total(_ name: String) throws -> Int {
        let reply = try redis.call("HGET", .text(keys.totals("local")), .text(name))
        return reply.text.flatMap { Int($0) } ?? 0
    }

    private func pendingCount() throws -> Int {
        try redis.call("XPENDING", .text(keys.ecs), "local").elements.first?.integer.map { Int($0) } ?? 0
    }

    /// Waits until the totals say that so many documents have ended.
    private func waitForTotals(stored: Int, rejected: Int = 0) throws {
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while MonotonicClock.nanoseconds() < deadline {
            if try total("stored") == stored, try total("rejected") == rejected { return }
            StopSignal().wait(milliseconds: 10)
        }
        #expect(try total("stored") == stored)
        #expect(try total("rejected") == rejected)
    }

    /// Waits until entries have left the stream, which happens a while after they were acknowledged.
    private func waitForTrim(below count: Int64) throws {
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        let length = { try #require(try redis.call("XLEN", .text(keys.ecs)).integer) }
        while MonotonicClock.nanoseconds() < deadline, try length() >= count { StopSignal().wait(milliseconds: 10) }
        #expect(try length() < count)
    }

    @Test func everythingIsStoredCountedAcknowledgedAndTrimmed() throws {
        for number in 0..<20 { try add((0..<50).map { SinkConformance.document($0) }, sensor: "\(number)") }
        let shipper = Running(redis.options, sqlite())
        try waitForTotals(stored: 1_000)
        try add((0..<5).map { SinkConformance.document($0) }, sensor: "late")
        try waitForTotals(stored: 1_005)
        try waitForTrim(below: 21)
        #expect(shipper.readiness.parts.map(\.isReady) == [true])
        #expect(shipper.end() == nil)
        #expect(try storedCount() == 1_005)
        #expect(try pendingCount() == 0)
        let metrics = shipper.registry.render()
        #expect(metrics.contains("test_documents_stored_total 1005"))
        #expect(metrics.contains("test_end_to_end_seconds_count 21"))
    }

    @Test func aRejectedDocumentBecomesADeadLetter() throws {
        try add(["{}", #"{"broken":"#, #"{"a":2}"#])
        let shipper = Running(redis.options, sqlite())
        try waitForTotals(stored: 2, rejected: 1)
        #expect(shipper.end() == nil)
        let letters = try redis.call("XRANGE", .text(keys.dead), "-", "+").elements
        #expect(letters.count == 1)
        let words = letters.first?.elements.last?.elements.compactMap(\.text) ?? []
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index]] = words[index + 1] }
        #expect(fields["reason"]?.hasPrefix("not_json: ") == true)
        #expect(fields["service"] == "opensearch-shipper")
        #expect(fields["sensor"] == "s")
        #expect(fields["source"] == "/tmp/eve.json")
        #expect(fields["document"]?.count == 32)
        #expect(fields["attempt"] == "1")
        #expect(fields["bytes"] == #"{"broken":"#)
    }

    @Test func anEntryThatIsNoBatchBecomesADeadLetter() throws {
        try add(payload: Array("garbage".utf8))
        try add(["{}"])
        let shipper = Running(redis.options, sqlite())
        try waitForTotals(stored: 1, rejected: 1)
        #expect(shipper.end() == nil)
        #expect(try redis.call("XLEN", .text(keys.dead)).integer == 1)
    }

    @Test func aNewerVersionStopsTheServiceAndNothingIsAcknowledged() throws {
        var payload = try DocumentBatch.payload(["{}"])
        payload[4] = 2
        try add(payload: payload)
        let shipper = Running(redis.options, sqlite())
        #expect(shipper.fails()?.contains("version 2") == true)
        #expect(try pendingCount() == 1)
        #expect(try redis.call("XLEN", .text(keys.dead)).integer == 0)
    }

    /// Killed after the store had taken a batch and before Redis knew: the batch comes again, and is there already.
    @Test func aBatchThatWasStoredAndNotAcknowledgedComesAgain() throws {
        try add((0..<50).map { SinkConformance.document($0) })
        let makeStore = sqlite()
        let forgetful = Running(redis.options) { ForgetfulSink(makeStore()) }
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while try storedCount() < 50, MonotonicClock.nanoseconds() < deadline { StopSignal().wait(milliseconds: 10) }
        forgetful.end()
        #expect(try pendingCount() == 1)
        #expect(try total("stored") == 0)

        let shipper = Running(redis.options, sqlite())
        try waitForTotals(stored: 50)
        #expect(shipper.end() == nil)
        #expect(try storedCount() == 50)
        #expect(try pendingCount() == 0)
    }

    /// What nobody can have sent before is told from what may have been sent.
    @Test func theSinkIsToldWhatMayBeThere() throws {
        let recorder = RecordingSink()
        func add(_ sensor: String, secondsFromNow: Int64 = 0) throws {
            let time = WallClock.nanoseconds() + secondsFromNow * 1_000_000_000
            try self.add(payload: DocumentBatch.payload(["{}"], sensor: sensor, time: time))
        }
        try add("pending")
        try redis.call("XGROUP", "CREATE", .text(keys.ecs), "local", "0")
        try redis.call("XREADGROUP", "GROUP", "local", "one", "STREAMS", .text(keys.ecs), ">")
        try add("before")
        let start = MonotonicClock.nanoseconds()
        let shipper = Running(redis.options) { recorder }
        try waitForTotals(stored: 2)
        StopSignal().wait(milliseconds: 1_200)
        try add("new")
        try add("older", secondsFromNow: -60)
        try add("from the future", secondsFromNow: 60)
        try waitForTotals(stored: 5)
        #expect(shipper.end() == nil)
        let told = recorder.told.withLock { $0 }
        #expect(told.map(\.sensor) == ["pending", "before", "new", "older", "from the future"])
        #expect(told.map { $0.uncertainSince.map { $0 >= start } } == [true, true, nil, true, true])
    }

    @Test func redisMayDieInTheMiddle() throws {
        let shipper = Running(redis.options, sqlite())
        var expected = 0
        for round in 0..<3 {
            for number in 0..<10 {
                try add((0..<50).map { SinkConformance.document($0) }, sensor: "\(round)-\(number)")
            }
            expected += 500
            redis.kill9()
            try redis.restart()
        }
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while try pendingCount() > 0 || storedCount() < Int64(expected), MonotonicClock.nanoseconds() < deadline {
            StopSignal().wait(milliseconds: 20)
        }
        #expect(shipper.end() == nil)
        #expect(try storedCount() == Int64(expected))
        #expect(try total("stored") == expected)
    }

    @Test func aStopLetsWhatIsInFlightArrive() throws {
        let server = try ScriptedHTTPServer { request in
            guard request.target.hasPrefix("/_bulk") else {
                return .answer(200, body: #"{"acknowledged":true}"#)
            }
            return .late(milliseconds: 500, .answer(200, body: #"{"items":[{"create":{"status":201}}]}"#))
        }
        defer { server.stop() }
        var settings = OpenSearchSettings()
        settings.endpoint = server.url
        try add(["{}"])
        let shipper = Running(redis.options) { [settings] in
            try OpenSearchSink(
                settings, backoff: .testing, version: "1", logger: .testing, metrics: .testing())
        }
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while !server.requests.contains(where: { $0.method == "POST" }), MonotonicClock.nanoseconds() < deadline {
            StopSignal().wait(milliseconds: 5)
        }
        #expect(shipper.end() == nil)
        #expect(try total("stored") == 1)
        #expect(try pendingCount() == 0)
    }

    @Test func aStopDoesNotWaitForAStoreThatIsAway() throws {
        var settings = OpenSearchSettings()
        settings.endpoint = "http://127.0.0.1:\(try freePort())"
        try add(["{}"])
        let shipper = Running(redis.options) { [settings] in
            try OpenSearchSink(
                settings, backoff: .testing, version: "1", logger: .testing, metrics: .testing())
        }
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while shipper.readiness.parts.first?.reason.isEmpty != false, MonotonicClock.nanoseconds() < deadline {
            StopSignal().wait(milliseconds: 5)
        }
        let start = MonotonicClock.nanoseconds()
        #expect(shipper.end() == nil)
        #expect(MonotonicClock.nanoseconds() - start < 3_000_000_000)
        #expect(try total("stored") == 0)
        #expect(shipper.readiness.parts.map(\.isReady) == [false])
    }
}

/// Takes everything, and keeps what it was told about it.
private final class RecordingSink: Sink, Sendable {
    let told = Mutex<[(sensor: String, uncertainSince: Int64?)]>([])
    private let reports = Mutex<[BatchReport]>([])

    var capacity: Int { 1 }
    var inFlightCount: Int { 0 }
    var health: SinkHealth { .ready }

    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?) {
        told.withLock { $0.append((batch.header.sensor, uncertainSince)) }
        let report = BatchReport(ticket: ticket, storedCount: batch.count, alreadyThereCount: 0, rejections: [])
        reports.withLock { $0.append(report) }
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) -> [BatchReport] {
        reports.withLock { reports in
            defer { reports = [] }
            return reports
        }
    }
}

/// Stores everything and never tells: what a kill between the store's answer and the acknowledgement looks like.
private final class ForgetfulSink: Sink {
    private let store: any Sink

    init(_ store: any Sink) { self.store = store }

    var capacity: Int { store.capacity }
    var inFlightCount: Int { store.inFlightCount }
    var health: SinkHealth { store.health }
    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?) {
        store.submit(batch, ticket: ticket, uncertainSince: uncertainSince)
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) throws -> [BatchReport] {
        _ = try store.collect(milliseconds: milliseconds, wakingOn: descriptors)
        return []
    }
}
