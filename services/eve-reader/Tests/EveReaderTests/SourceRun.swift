import EventContract
import Logging
import Metrics
import ServiceTesting

@testable import EveReader

/// A reader's files and batches with a clock that the test moves, and a dictionary in the place of Redis that checks
/// what the transaction checks.
final class SourceRun {
    /// An event as a consumer sees it.
    struct Event: Hashable {
        var line: String
        var offset: UInt64
        var id: String
    }

    /// The hash of checkpoints; give it to the next run.
    var stored: [String: String]
    private(set) var events: [Event] = []
    private(set) var rejected: [DeadLetter] = []
    private(set) var batchEvents: [Int] = []
    private(set) var losses: [FollowedFiles.Loss] = []
    let registry = MetricsRegistry(prefix: "")
    let files: FollowedFiles
    let discovery: Discovery
    let source: BatchSource
    var now: Int64 = 1_000_000_000
    var time: Int64 = 1_795_000_000_000_000_000

    init(
        _ path: String, stored: [String: String] = [:], boot: String = "boot", once: Bool = false,
        change: (inout FollowedFiles.Options, inout BatchSource.Options) -> Void = { _, _ in }
    ) {
        var options = FollowedFiles.Options(path: path)
        options.limits = FollowLimits(quietNanoseconds: 5_000_000_000, ageNanoseconds: 3_600_000_000_000)
        options.includesThreads = !once
        var cutting = BatchSource.Options(
            limits: BatchBuilder.Limits(bytes: 4096, events: 100), ageNanoseconds: 250_000_000, once: once,
            sensor: "sensor")
        change(&options, &cutting)
        self.stored = stored
        let metrics = ReaderMetrics(registry)
        files = FollowedFiles(options, boot: boot, metrics: metrics, logger: .silent)
        discovery = Discovery(files, metrics: metrics, logger: .silent)
        source = BatchSource(cutting, files: files, metrics: metrics, logger: .silent)
        files.load(stored)
    }

    var lines: [String] { events.map(\.line) }
    var reasons: [String] { rejected.map(\.reason) }

    /// A metric's value.
    func value(_ name: String) -> Double {
        let line = registry.render().split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.split(separator: " ")[1]) } ?? -1
    }

    /// Lets time pass, looks at everything and stores each batch that is due.
    ///
    /// - Parameter batches: how many are stored at most; the rest is lost, as when the process is killed.
    func round(seconds: Double = 1, batches: Int = .max) {
        now += Int64(seconds * 1e9)
        time += Int64(seconds * 1e9)
        _ = source.look(now: now)
        _ = discovery.scan()
        if source.look(now: now) { _ = discovery.scan() }
        _ = source.look(now: now)
        // A second time, for what has come to light in the first.
        now += 250_000_000
        _ = source.look(now: now)
        for _ in 0..<batches {
            guard let batch = source.next(now: now, time: time) else { break }
            store(batch)
        }
    }

    func rounds(_ count: Int, seconds: Double = 1) {
        for _ in 0..<count { round(seconds: seconds) }
    }

    func store(_ batch: BatchSource.Batch) {
        losses += batch.loss.map { [$0] } ?? []
        precondition(stored[batch.field] == batch.previous, "a commit must build on what is stored")
        stored[batch.field] = batch.next
        rejected += batch.rejected.map(\.letter)
        batchEvents.append(batch.events)
        if let payload = batch.payload { events += Self.events(in: payload) }
        source.finish(batch)
    }

    static func events(in payload: [UInt8]) -> [Event] {
        guard let batch = try? RawBatch(decoding: payload) else { return [] }
        var ids = EventIDSource(sensor: batch.header.sensor, identity: batch.header.identity)
        var events: [Event] = []
        batch.forEachLine { line, offset in
            let id = ids.id(of: line, offset: offset, time: EventTime.atFront(of: line))
            events.append(Event(line: String(decoding: line, as: UTF8.self), offset: offset, id: "\(id)"))
        }
        return events
    }
}

/// A line as Suricata writes it, the only one with this number.
func eve(_ number: Int, _ type: String = "dns") -> String {
    let microsecond = String(String(1_000_000 + number).dropFirst())
    return #"{"timestamp":"2026-11-21T09:00:00.\#(microsecond)+0000","flow_id":\#(number),"event_type":"\#(type)"}"#
}

func eve(_ numbers: ClosedRange<Int>) -> [String] { numbers.map { eve($0) } }
