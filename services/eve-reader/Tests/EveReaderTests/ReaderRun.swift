import EventContract
import Lifecycle
import Logging
import Metrics
import RedisStreams
import ServiceTesting
import Settings
import Synchronization

@testable import EveReader

/// A whole reader on a thread of its own.
final class ReaderRun {
    /// How a run ended; nil while it has not.
    private final class End: Sendable {
        let failure = Mutex<String?>(nil)
        let isReached = Atomic(false)
    }

    let registry = MetricsRegistry(prefix: "")
    let readiness = Readiness()
    private let stopSignal = StopSignal()
    private let end = End()
    private let thread: DedicatedThread

    /// Starts reading `path` into the Redis of these settings.
    init(
        _ path: String, redis: RedisOptions, canaryMilliseconds: Int = 0,
        change: (inout ReaderSettings) -> Void = { _ in }
    ) {
        var settings = ReaderSettings()
        settings.path = path
        settings.batchAgeMilliseconds = 20
        settings.pollMilliseconds = 20
        change(&settings)
        thread = DedicatedThread { [settings, registry, readiness, stopSignal, end] in
            let link = RedisLink(redis, service: "eve-reader", stop: stopSignal, logger: .silent, metrics: registry)
            link.showState(in: readiness)
            let reader = EveReader(
                settings, sensor: "sensor", link: link, canaryMilliseconds: canaryMilliseconds, logger: .silent,
                metrics: registry, readiness: readiness, heartbeat: Heartbeat())
            do {
                try reader.run(until: stopSignal)
            } catch {
                end.failure.withLock { $0 = "\(error)" }
            }
            end.isReached.store(true, ordering: .releasing)
        }
    }

    deinit { stopSignal.stop() }

    /// Whether the reader has ended by itself.
    var hasEnded: Bool { end.isReached.load(ordering: .acquiring) }

    /// Asks the reader to stop and waits for it.
    /// - Returns: the fault that ended it, if one did.
    @discardableResult
    func stop() -> String? {
        stopSignal.stop()
        return wait()
    }

    /// Waits for the end.
    func wait() -> String? {
        thread.join()
        return end.failure.withLock { $0 }
    }

    /// A metric's value.
    func value(_ name: String) -> Double {
        let line = registry.render().split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.split(separator: " ")[1]) } ?? -1
    }

    /// Why a part is not ready; nil when it is.
    func reason(_ part: String) -> String? {
        readiness.parts.first { $0.name == part && !$0.isReady }?.reason
    }
}

/// Waits for a condition that others bring about.
/// - Returns: whether it held in time.
func eventually(seconds: Int = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = MonotonicClock.nanoseconds() + Int64(seconds) * 1_000_000_000
    let pause = StopSignal()
    while MonotonicClock.nanoseconds() < deadline {
        if try condition() { return true }
        pause.wait(milliseconds: 5)
    }
    return false
}

extension RedisFixture {
    /// All events in the stream of raw batches, in order.
    func events() throws -> [SourceRun.Event] {
        try call("XRANGE", "ids:raw", "-", "+").elements.flatMap { entry in
            SourceRun.events(in: entry.elements[1].elements[1].bytes ?? [])
        }
    }

    /// A counter of the reader's totals.
    func total(_ name: String) throws -> Int64 {
        try call("HGET", "ids:totals:eve-reader", .text(name)).integer ?? 0
    }
}
