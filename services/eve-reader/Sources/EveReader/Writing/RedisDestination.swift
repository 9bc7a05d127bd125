import EventContract
import Lifecycle
import Logging
import Metrics
import RedisStreams
import Settings

/// Where the batches go, and where the checkpoints behind them are kept: Redis, as long as it has room.
final class RedisDestination {
    typealias Batch = BatchSource.Batch
    typealias Outcome = CheckpointedWriter<Batch>.Outcome

    private static let bytesBeforeLookMinimum = 64 * 1024

    private let writer: CheckpointedWriter<Batch>
    private let budget: StreamBudget
    private let streamBytesMax: Int
    private let inFlight: Gauge
    private let logger: Logger
    private var isOverBudget = false
    /// The time between two looks at the memory that the stream takes; half of what is left of it brings the next one
    /// forward, so that a fast reader does not overshoot.
    private var budgetLooks = Interval(milliseconds: 100)
    /// What may still be written before the budget is looked at again, in bytes.
    private var bytesBeforeLook = 0

    init(_ settings: ReaderSettings, sensor: String, link: RedisLink, metrics: ReaderMetrics, logger: Logger) {
        let keys = StreamKeys(prefix: link.options.prefix)
        writer = CheckpointedWriter(
            link: link, keys: keys, sensor: sensor, commitsInFlightMax: settings.batchesInFlight)
        budget = StreamBudget(
            link: link, stream: keys.raw, bytesMax: settings.streamBytesMax,
            memoryMaxPercent: link.options.memoryMaxPercent, intervalMilliseconds: 0)
        streamBytesMax = settings.streamBytesMax
        inFlight = metrics.batchesInFlight
        self.logger = logger
    }

    /// Whether all batches are confirmed.
    var isIdle: Bool { writer.commitsUnconfirmed == 0 }

    /// Whether the checkpoints must be compared, because Redis may have lost some.
    var mayHaveLost: Bool { writer.mayHaveLost }

    /// The stored checkpoints by field; nil while Redis cannot be used.
    func checkpoints() throws(RedisError) -> [String: String]? {
        try writer.checkpoints(waitMilliseconds: 0)
    }

    /// Whether another batch may be given now.
    func hasRoom() throws(RedisError) -> Bool {
        guard writer.hasRoom else { return false }
        if budgetLooks.isDue || bytesBeforeLook < 0 { try lookAtBudget() }
        return !isOverBudget
    }

    /// Takes a batch, and sends it as far as that goes without waiting.
    func take(_ batch: Batch) {
        bytesBeforeLook -= batch.payload?.count ?? 0
        writer.submit(batch, as: CheckpointedWriter<Batch>.Commit(batch))
        tellInFlight()
    }

    /// Moves the batches on, and waits for the first outcome if any can be expected.
    func outcomes(waitMilliseconds: Int) throws(RedisError) -> [Outcome] {
        defer { tellInFlight() }
        return try writer.pump(waitMilliseconds: waitMilliseconds)
    }

    /// Waits until all batches have an outcome, after a stop, too.
    func drain(milliseconds: Int) throws(RedisError) -> [Outcome] {
        defer { tellInFlight() }
        let (outcomes, isComplete) = try writer.drain(milliseconds: milliseconds)
        if !isComplete { logger.warning("Batches are not confirmed; they are read again after the next start") }
        return outcomes
    }

    /// Looks at the memory that Redis may use; notices a Redis that went away while there was nothing to write.
    func lookAtBudget() throws(RedisError) {
        let isExceeded = try budget.check()
        budgetLooks.restart()
        bytesBeforeLook = max(Self.bytesBeforeLookMinimum, (streamBytesMax - budget.bytes) / 2)
        guard isExceeded != isOverBudget else { return }
        isOverBudget = isExceeded
        logger.notice(
            isExceeded ? "Redis holds as much as it may; reading waits" : "Redis has room again",
            ["bytes": budget.bytes, "bytes_max": streamBytesMax])
    }

    private func tellInFlight() {
        inFlight.set(Double(writer.commitsUnconfirmed))
    }
}

extension CheckpointedWriter<BatchSource.Batch>.Commit {
    init(_ batch: BatchSource.Batch) {
        var totals: [(counter: StageCounter, amount: Int)] = [
            (.events, batch.events), (.bytes, batch.bytes), (.rejected, batch.rejected.count),
        ]
        if batch.field == CanarySource.field { totals.append((.canaries, batch.events)) }
        if let loss = batch.loss { totals.append((loss.cause.counter, Int(clamping: loss.bytes))) }
        self.init(
            field: batch.field, previous: batch.previous, next: batch.next, payload: batch.payload,
            dead: batch.rejected.map(\.letter), totals: totals.filter { $0.amount > 0 })
    }
}

extension FollowedFiles.Loss.Cause {
    /// What counts such losses.
    fileprivate var counter: StageCounter {
        switch self {
        case .removal: .lostBytes
        case .reboot: .unreadAtRebootBytes
        }
    }
}
