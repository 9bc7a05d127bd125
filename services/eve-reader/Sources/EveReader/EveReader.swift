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

    private let settings: ReaderSettings
    private let files: FollowedFiles
    private let discovery: Discovery
    private let source: BatchSource
    private let destination: RedisDestination
    private let watch = DirectoryWatch()
    private let report: SensorReport
    private var canary: CanarySource?
    private let metrics: ReaderMetrics
    private let logger: Logger
    private let readiness: Readiness
    private let heartbeat: Heartbeat

    /// The time between two looks at the directory when inotify reports nothing.
    private var scans = Interval(milliseconds: 1_000)
    private var obstacle: String?
    private var hasReportedFiles = false

    /// - Parameters:
    ///   - settings: what is read and how.
    ///   - sensor: the name of the sensor whose output it is.
    ///   - link: the way to Redis.
    ///   - canaryMilliseconds: the time between two canaries; 0 for none. A single pass has none.
    ///   - metrics: gets the reader's counters.
    ///   - readiness: gets the part `eve`.
    ///   - heartbeat: beats in each round of the loop.
    public init(
        _ settings: ReaderSettings, sensor: String, link: RedisLink, canaryMilliseconds: Int = 0, logger: Logger,
        metrics: MetricsRegistry, readiness: Readiness, heartbeat: Heartbeat
    ) {
        self.settings = settings
        (self.logger, self.readiness, self.heartbeat) = (logger, readiness, heartbeat)
        self.metrics = ReaderMetrics(metrics)
        files = FollowedFiles(
            FollowedFiles.Options(settings), boot: FilePlace.currentBoot(), metrics: self.metrics, logger: logger)
        discovery = Discovery(files, metrics: self.metrics, logger: logger)
        let options = BatchSource.Options(settings, sensor: sensor)
        source = BatchSource(options, files: files, metrics: self.metrics, logger: logger)
        if canaryMilliseconds > 0, !settings.once {
            canary = CanarySource(
                sensor: sensor, codec: options.codec, intervalMilliseconds: canaryMilliseconds)
        }
        destination = RedisDestination(
            settings, sensor: sensor, link: link, metrics: self.metrics, logger: logger)
        report = SensorReport(
            link: link, keys: StreamKeys(prefix: link.options.prefix), sensor: sensor, path: settings.path,
            metrics: self.metrics, logger: logger)
        readiness.set("eve", ready: false, reason: "not looked yet")
    }

    /// Reads until asked to stop, or until everything is stored when the settings say so.
    ///
    /// - Throws: errors that retrying cannot fix: `RedisError` with `.wrongType`, and why a single pass could not read
    ///   everything.
    public func run(until stop: StopSignal) throws {
        while !stop.isStopped {
            heartbeat.beat()
            try load()
            try lookAtFiles()
            report.tell()
            let isHeldBack = try giveDueBatches()
            if settings.once, isFinished { break }
            let start = MonotonicClock.nanoseconds()
            try wait(isHeldBack: isHeldBack, stop: stop)
            if isHeldBack { metrics.backpressureSeconds.add(Double(MonotonicClock.nanoseconds() - start) / 1e9) }
        }
        try destination.drain(milliseconds: Self.drainMilliseconds).forEach(settle)
        if settings.once, let obstacle { throw UnreadableOutputError(reason: obstacle) }
    }

    /// Gets the checkpoints before anything is read, and looks at them again after Redis was away.
    private func load() throws(RedisError) {
        guard !files.isLoaded || (destination.mayHaveLost && destination.isIdle) else { return }
        guard var texts = try destination.checkpoints() else { return }
        if canary == nil { texts[CanarySource.field] = nil } else { canary?.load(from: &texts) }
        if files.isLoaded {
            files.compare(with: texts)
        } else {
            files.load(texts)
        }
        scans.makeDue()
    }

    private func lookAtFiles() throws(RedisError) {
        let now = MonotonicClock.nanoseconds()
        if watch.takeChanges().names { scans.makeDue() }
        if source.look(now: now) { scans.makeDue() }
        guard scans.restartIfDue() else { return }
        if let directory = discovery.scan() { watch.follow(directory) }
        try destination.lookAtBudget()
        // What has come to light is looked at in the same round.
        if source.look(now: now) { scans.makeDue() }
        reportFiles()
    }

    /// Says what stands in the way of reading, once per change.
    private func reportFiles() {
        guard obstacle != discovery.obstacle || !hasReportedFiles else { return }
        hasReportedFiles = true
        obstacle = discovery.obstacle
        readiness.set("eve", ready: obstacle == nil, reason: obstacle ?? "")
        if let obstacle {
            logger.warning("Suricata's output cannot be read, waiting", ["reason": obstacle])
        } else {
            logger.info("Suricata's output can be read", ["path": settings.path])
        }
    }

    /// Gives away the batches that are due, as many as can be taken.
    /// - Returns: whether more are due.
    private func giveDueBatches() throws(RedisError) -> Bool {
        let now = MonotonicClock.nanoseconds()
        while files.isLoaded, try destination.hasRoom(),
            let batch = canary?.next(time: WallClock.nanoseconds())
                ?? source.next(now: now, time: WallClock.nanoseconds())
        {
            destination.take(batch)
            heartbeat.beat()
        }
        return source.nextDue.map { $0 <= now } ?? discovery.hasArrivals
    }

    private func settle(_ outcome: RedisDestination.Outcome) {
        switch outcome {
        case .confirmed(let batch) where batch.cursor == nil:
            source.finish(batch)
            canary?.settle(batch.next)
        case .confirmed(let batch):
            source.finish(batch)
            report.note(batch)
        case .stale(CanarySource.field, let stored): canary?.settle(stored)
        case .stale(let field, let stored):
            files.rewind(field: field, to: stored)
            scans.makeDue()
        }
    }

    /// Whether a single pass is over.
    private var isFinished: Bool { discovery.isDone && destination.isIdle }

    private func wait(isHeldBack: Bool, stop: StopSignal) throws(RedisError) {
        let now = MonotonicClock.nanoseconds()
        let isWaitingToBeDue = source.nextDue != nil
        var milliseconds = isWaitingToBeDue ? Self.lookMilliseconds : settings.pollMilliseconds
        if let due = source.nextDue, due > now {
            milliseconds = min(milliseconds, Deadline(nanoseconds: due).remainingMilliseconds(at: now))
        }
        if !destination.isIdle {
            try destination.outcomes(waitMilliseconds: milliseconds).forEach(settle)
        } else if isWaitingToBeDue || !files.isLoaded || destination.mayHaveLost {
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
struct UnreadableOutputError: Error, CustomStringConvertible {
    var reason: String
    var description: String { "not everything could be read: \(reason)" }
}
