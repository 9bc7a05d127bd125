import EventContract
import Glibc
public import Lifecycle
public import Logging
public import Metrics
public import RedisStreams
public import Settings

/// Follows Suricata's output and writes it to Redis, a batch and the position behind it in one transaction.
///
/// The flow is one loop: look at the files, make the batches that are due while Redis can take them, wait for whichever
/// comes first. When Redis cannot take more nothing is read, and the file is the buffer.
public final class EveReader: Service {
    /// The time that is left for batches in flight after a stop.
    private static let drainMilliseconds = 8_000
    /// The pause between two looks at the sizes while a batch is waiting to be due, or Redis to have room.
    private static let lookMilliseconds = 50
    /// The time between two looks at the memory that the stream takes; half of what is left of it brings the next one
    /// forward, so that a fast reader does not overshoot.
    private static let budgetNanoseconds: Int64 = 100_000_000
    private static let bytesBeforeLookMinimum = 64 * 1024
    /// The time between two looks at the directory when inotify reports nothing.
    private static let scanNanoseconds: Int64 = 1_000_000_000

    private let settings: ReaderSettings
    private let link: RedisLink
    private let writer: CheckpointedWriter
    private let budget: StreamBudget
    private let files: FollowedFiles
    private let source: BatchSource
    private let watch = DirectoryWatch()
    private let report: SensorReport
    private let metrics: ReaderMetrics
    private let logger: Logger
    private let readiness: Readiness
    private let heartbeat: Heartbeat

    private var batchesInFlight: [BatchSource.Batch] = []
    private var scanDue: Int64 = 0
    private var isOverBudget = false
    private var budgetDue: Int64 = 0
    /// What may still be written before the budget is looked at again, in bytes.
    private var bytesBeforeLook = 0
    private var obstacle: String?
    private var hasReportedFiles = false
    /// Those after which the positions were compared: Redis may have come back with an older state.
    private var recoveriesCompared = 0

    /// - Parameters:
    ///   - settings: what is read and how.
    ///   - sensor: the name of the sensor whose output it is.
    ///   - link: the way to Redis; its changes of state are told to `readiness`.
    ///   - metrics: gets the reader's counters.
    ///   - readiness: gets the parts `redis` and `eve`.
    ///   - heartbeat: beats in each round of the loop.
    public init(
        _ settings: ReaderSettings, sensor: String, link: RedisLink, logger: Logger, metrics: MetricsRegistry,
        readiness: Readiness, heartbeat: Heartbeat
    ) {
        self.settings = settings
        (self.link, self.logger, self.readiness, self.heartbeat) = (link, logger, readiness, heartbeat)
        self.metrics = ReaderMetrics(metrics)
        let keys = StreamKeys(prefix: link.options.prefix)
        writer = CheckpointedWriter(
            link: link, keys: keys, sensor: sensor, commitsInFlightMax: settings.batchesInFlight)
        budget = StreamBudget(
            link: link, stream: keys.raw, bytesMax: settings.streamBytesMax,
            memoryMaxPercent: link.options.memoryMaxPercent, intervalMilliseconds: 0)
        report = SensorReport(
            link: link, keys: keys, sensor: sensor, path: settings.path, metrics: self.metrics, logger: logger)
        files = FollowedFiles(
            FollowedFiles.Options(settings), boot: FilePlace.currentBoot(), metrics: self.metrics, logger: logger)
        source = BatchSource(
            BatchSource.Options(settings, sensor: sensor), files: files, metrics: self.metrics,
            logger: logger)
        readiness.set("eve", ready: false, reason: "not looked yet")
    }

    /// Reads until asked to stop, or until everything is stored when the settings say so.
    ///
    /// - Throws: what waiting does not mend: a key of the wrong type in Redis, or files that a single pass cannot read.
    public func run(until stop: StopSignal) throws {
        while !stop.isStopped {
            heartbeat.beat()
            try load()
            try lookAtFiles()
            report.tell(now: MonotonicClock.nanoseconds())
            let isHeldBack = try fillWindow()
            if settings.once, isFinished { break }
            let start = MonotonicClock.nanoseconds()
            try wait(isHeldBack: isHeldBack, stop: stop)
            if isHeldBack { metrics.backpressureSeconds.add(Double(MonotonicClock.nanoseconds() - start) / 1e9) }
        }
        let (outcomes, isComplete) = try writer.drain(milliseconds: Self.drainMilliseconds)
        outcomes.forEach(settle)
        if !isComplete { logger.warning("Batches are not confirmed; they are read again after the next start") }
        if settings.once, let obstacle { throw UnreadableOutput(reason: obstacle) }
    }

    /// Gets the checkpoints before anything is read, and looks at them again after Redis was away.
    private func load() throws(RedisError) {
        let isRecovering = link.recoveries != recoveriesCompared || link.fault != nil
        guard !files.isLoaded || (isRecovering && batchesInFlight.isEmpty) else { return }
        guard let texts = try writer.checkpoints(waitMilliseconds: 0) else { return }
        if files.isLoaded {
            files.compare(with: texts)
        } else {
            files.load(texts)
        }
        recoveriesCompared = link.recoveries
        scanDue = 0
    }

    private func lookAtFiles() throws(RedisError) {
        let now = MonotonicClock.nanoseconds()
        if watch.takeChanges().names { scanDue = now }
        if source.look(now: now) { scanDue = now }
        guard now >= scanDue else { return }
        scanDue = now + Self.scanNanoseconds
        if let directory = files.scan() { watch.follow(directory) }
        // Notices a Redis that went away while there was nothing to write.
        try lookAtBudget(now: now)
        // What has come to light is looked at in the same round.
        if source.look(now: now) { scanDue = now }
        reportFiles()
    }

    /// Says what stands in the way of reading, once per change.
    private func reportFiles() {
        guard obstacle != files.obstacle || !hasReportedFiles else { return }
        hasReportedFiles = true
        obstacle = files.obstacle
        readiness.set("eve", ready: obstacle == nil, reason: obstacle ?? "")
        if let obstacle {
            logger.warning("Suricata's output cannot be read, waiting", ["reason": obstacle])
        } else {
            logger.info("Suricata's output can be read", ["path": settings.path])
        }
    }

    /// Gives Redis the batches that are due, as many as it can take.
    /// - Returns: whether more are due than it can take.
    private func fillWindow() throws(RedisError) -> Bool {
        let now = MonotonicClock.nanoseconds()
        while let batch = try canTake() ? source.next(now: now, time: WallClock.nanoseconds()) : nil {
            batchesInFlight.append(batch)
            bytesBeforeLook -= batch.payload?.count ?? 0
            writer.submit(CheckpointedWriter.Commit(batch))
            metrics.batchesInFlight.set(Double(batchesInFlight.count))
            heartbeat.beat()
        }
        return source.nextDue.map { $0 <= now } ?? !files.arrivals.isEmpty
    }

    private func canTake() throws(RedisError) -> Bool {
        guard files.isLoaded, batchesInFlight.count < settings.batchesInFlight else { return false }
        let now = MonotonicClock.nanoseconds()
        if now >= budgetDue || bytesBeforeLook < 0 { try lookAtBudget(now: now) }
        return !isOverBudget
    }

    private func lookAtBudget(now: Int64) throws(RedisError) {
        let isExceeded = try budget.check()
        budgetDue = now + Self.budgetNanoseconds
        bytesBeforeLook = max(Self.bytesBeforeLookMinimum, (settings.streamBytesMax - budget.bytes) / 2)
        guard isExceeded != isOverBudget else { return }
        isOverBudget = isExceeded
        logger.notice(
            isExceeded ? "Redis holds as much as it may; reading waits" : "Redis has room again",
            ["bytes": budget.bytes, "bytes_max": settings.streamBytesMax])
    }

    private func settle(_ outcome: CheckpointedWriter.Outcome) {
        switch outcome {
        case .confirmed(let field, let checkpoint):
            guard let index = batchesInFlight.firstIndex(where: { $0.field == field && $0.next == checkpoint }) else {
                return
            }
            let batch = batchesInFlight.remove(at: index)
            source.finish(batch)
            report.note(batch)
        case .stale(let field, let stored):
            batchesInFlight.filter { $0.field == field }.forEach(source.drop)
            batchesInFlight.removeAll { $0.field == field }
            files.rewind(field: field, to: stored)
            scanDue = 0
        }
        metrics.batchesInFlight.set(Double(batchesInFlight.count))
    }

    /// Whether a single pass is over.
    private var isFinished: Bool { files.isDone && batchesInFlight.isEmpty }

    private func wait(isHeldBack: Bool, stop: StopSignal) throws(RedisError) {
        let now = MonotonicClock.nanoseconds()
        let isWaitingToBeDue = source.nextDue != nil
        var milliseconds = isWaitingToBeDue ? Self.lookMilliseconds : settings.pollMilliseconds
        if let due = source.nextDue, due > now {
            milliseconds = min(milliseconds, Deadline(nanoseconds: due).remainingMilliseconds(at: now))
        }
        if !batchesInFlight.isEmpty {
            try writer.pump(waitMilliseconds: milliseconds).forEach(settle)
        } else if isWaitingToBeDue || !files.isLoaded || link.fault != nil {
            // New writes do not matter now, and each would end the wait.
            stop.wait(milliseconds: min(milliseconds, Self.lookMilliseconds))
        } else {
            var descriptors = [stop.fileDescriptor, watch.fileDescriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&descriptors, 2, Int32(clamping: milliseconds))
        }
    }
}

/// A single pass was asked for, and not everything could be read.
struct UnreadableOutput: Error, CustomStringConvertible {
    var reason: String
    var description: String { "not everything could be read: \(reason)" }
}
