import EventContract
import Lifecycle
import Logging
import Metrics
import RedisStreams
import ServiceTesting
import Settings
import Testing

@testable import ECSTransformer

@Suite("The service", .enabled(if: RedisServerBinary.found != nil, Comment(rawValue: RedisServerBinary.absence)))
struct ServiceTests {
    private static func line(_ number: Int, type: String = "stats") -> String {
        #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"\#(type)","n":\#(number)}"#
    }

    @Test("Documents, dead letters, totals and acknowledgement; the raw stream is trimmed behind it")
    func flow() throws {
        let fixture = try RedisFixture()
        try fixture.write(raw: [Self.line(1), "nonsense", Self.line(2)])
        try fixture.write(raw: [Self.line(3)])
        let registry = try fixture.run { try fixture.call("XLEN", "ids:raw") == .integer(0) }
        let documents = try fixture.documents()
        #expect(documents.map(\.text.hasNumber) == [1, 2, 3])
        #expect(documents.allSatisfy { $0.text.contains(#""observer":{"name":"pi","#) })
        #expect(Set(documents.map(\.id)).count == 3)
        let dead = try fixture.call("XRANGE", "ids:dead", "-", "+").elements
        #expect(dead.count == 1 && dead[0].field("bytes")?.text == "nonsense")
        #expect(dead.first?.field("offset")?.text == "75")
        #expect(try fixture.total("events") == 3 && fixture.total("rejected") == 1)
        let latest = try fixture.call("HGET", "ids:suricata", "pi").text
        #expect(latest?.hasSuffix(" " + Self.line(3)) == true, "the latest of Suricata's counters are kept")
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(0))
        let metrics = registry.render()
        #expect(metrics.contains(#"ids_ecs_transformer_events_total{event_type="stats"} 3"#))
        #expect(metrics.contains(#"ids_ecs_transformer_rejected_total{reason="not_json"} 1"#))
        #expect(metrics.contains("ids_ecs_transformer_batches_total 2"))
    }

    @Test("A batch of a newer version stops the service and stays pending; nothing is acknowledged")
    func newerVersion() throws {
        let fixture = try RedisFixture()
        var payload = RedisFixture.rawBatch([Self.line(1)])
        payload[4] = 99
        try fixture.call("XADD", "ids:raw", "*", "b", .bytes(payload))
        #expect(throws: (any Error).self) { try fixture.run { false } }
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(1))
        #expect(try fixture.call("XLEN", "ids:dead") == .integer(0))
    }

    @Test("An entry that is no batch becomes a dead letter and holds nothing up")
    func noBatch() throws {
        let fixture = try RedisFixture()
        try fixture.call("XADD", "ids:raw", "*", "b", "garbage")
        try fixture.write(raw: [Self.line(1)])
        _ = try fixture.run { try fixture.total("events") == 1 }
        #expect(try fixture.call("XLEN", "ids:dead") == .integer(1))
        #expect(try fixture.documents().count == 1)
    }

    @Test("Ids are the same when a batch is mapped again")
    func replay() throws {
        var ids: [[String]] = []
        for _ in 0..<2 {
            let fixture = try RedisFixture()
            try fixture.write(raw: [Self.line(1), Self.line(1)])
            _ = try fixture.run { try fixture.total("events") == 2 }
            ids.append(try fixture.documents().map(\.id))
        }
        #expect(ids[0] == ids[1] && Set(ids[0]).count == 2)
    }

    @Test("While the stream of documents is full nothing is taken; once it has room the work goes on")
    func backpressure() throws {
        let fixture = try RedisFixture()
        try fixture.call("XADD", "ids:ecs", "*", "b", .bytes([UInt8](repeating: 65, count: 2 << 20)))
        try fixture.write(raw: [Self.line(1)])
        var looks = 0
        var settings = TransformerSettings()
        settings.streamBytesMax = 1 << 20
        _ = try fixture.run(settings) {
            looks += 1
            if looks == 5 {
                #expect(try fixture.total("events") == 0)
                try fixture.call("DEL", "ids:ecs")
            }
            return try fixture.total("events") == 1
        }
        #expect(looks > 5)
    }

    @Test("Killed at any point and started again, each event is there once", .timeLimit(.minutes(1)))
    func restart() throws {
        let fixture = try RedisFixture()
        for number in 0..<40 { try fixture.write(raw: [Self.line(number), Self.line(number + 1000)]) }
        for round in 1...40 where try fixture.total("events") < 80 {
            _ = try fixture.run { try fixture.total("events") >= min(80, round * 8) }
        }
        let documents = try fixture.documents()
        #expect(documents.count == 80 && Set(documents.map(\.id)).count == 80)
    }
}

extension RedisFixture {
    /// The payload of a raw batch of these lines.
    static func rawBatch(_ lines: [String]) -> [UInt8] {
        var encoder = RawBatchEncoder()
        var offset: UInt64 = 0
        for line in lines {
            let bytes = Array(line.utf8)
            let isIn = bytes.withUnsafeBytes { encoder.append($0, offset: offset) }
            #expect(isIn)
            offset += UInt64(bytes.count) + 1
        }
        return encoder.finish(
            sensor: "pi", sourcePath: "/eve.json", identity: FileIdentity(high: 1, low: 2), readTime: testReadTime,
            endOffset: offset)
    }

    /// Writes a raw batch as the reader does.
    func write(raw lines: [String]) throws {
        try call("XADD", "ids:raw", "*", "b", .bytes(Self.rawBatch(lines)))
    }

    /// One of the transformer's totals.
    func total(_ name: String) throws -> Int {
        Int(try call("HGET", "ids:totals:ecs-transformer", .text(name)).text ?? "0") ?? 0
    }

    /// The documents in the stream, in order.
    func documents() throws -> [(id: String, text: String)] {
        try call("XRANGE", "ids:ecs", "-", "+").elements.flatMap { entry -> [(id: String, text: String)] in
            let payload = try #require(entry.field("b")?.bytes)
            let batch = try DocumentBatch(decoding: payload)
            return batch.withBytes { bytes in
                (0..<batch.count).map { index in
                    let document = batch.document(at: index)
                    return (document.id.description, String(decoding: bytes[document.range], as: UTF8.self))
                }
            }
        }
    }

    /// Runs a transformer until `isDone`, which is asked every few milliseconds; gives its metrics.
    @discardableResult
    func run(
        _ transformerSettings: TransformerSettings = TransformerSettings(), until isDone: () throws -> Bool
    ) throws -> MetricsRegistry {
        var transformerSettings = transformerSettings
        transformerSettings.consumerName = "test"
        transformerSettings.blockMilliseconds = 10
        let stop = StopSignal()
        let logger = Logger(service: "ecs-transformer", level: .error, format: .text)
        let registry = MetricsRegistry(prefix: "ids_ecs_transformer")
        let link = RedisLink(options, service: "ecs-transformer", stop: stop, logger: logger, metrics: registry)
        let transformer = ECSTransformer(
            transformerSettings, redis: link, logger: logger, metrics: registry, heartbeat: Heartbeat())
        let outcome = ThreadOutcome()
        nonisolated(unsafe) let service = transformer
        let thread = DedicatedThread { outcome.set(Result { try service.run(until: stop) }) }
        let deadline = MonotonicClock.nanoseconds() + 60_000_000_000
        while try !isDone(), outcome.result == nil, MonotonicClock.nanoseconds() < deadline {
            _ = StopSignal().wait(milliseconds: 5)
        }
        stop.stop()
        thread.join()
        try outcome.result?.get()
        return registry
    }
}

extension RedisReply {
    /// The value of a field of a stream entry.
    fileprivate func field(_ name: String) -> RedisReply? {
        let fields = elements.last?.elements ?? []
        return zip(fields, fields.dropFirst()).first { $0.0.text == name }?.1
    }
}

extension String {
    /// The number in the member `n`.
    fileprivate var hasNumber: Int? {
        let parts = split(separator: "\"n\":", maxSplits: 1)
        return parts.count == 2 ? Int(parts[1].prefix { $0.isNumber }) : nil
    }
}
