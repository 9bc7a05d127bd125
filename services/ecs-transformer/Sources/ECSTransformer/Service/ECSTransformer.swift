import EventContract
import GeoIP
public import Lifecycle
public import Logging
public import Metrics
public import RedisStreams
public import Settings

/// Takes raw batches from Redis, maps them, and gives back batches of documents.
///
/// The flow is one loop: take the next batches, map each, commit. A commit is one transaction that writes the documents
/// and the dead letters, counts them, and acknowledges the raw batch; so a kill at any point neither loses nor doubles
/// an event. While the stream of documents is full nothing is taken.
public final class ECSTransformer: Service {
    /// The consumer group, and the name of the totals.
    public static let group = Stage.ecsTransformer

    /// The time that is left for commits in flight after a stop.
    private static let drainMilliseconds = 8_000
    /// The pause between two looks at a stream that is full.
    private static let fullPauseMilliseconds = 50

    private let settings: TransformerSettings
    private let keys: StreamKeys
    private let consumer: StreamConsumer
    private let trimmer: StreamTrimmer
    private let budget: StreamBudget
    private let service: String
    private let metrics: TransformerMetrics
    private let logger: Logger
    private let heartbeat: Heartbeat
    private var isStreamFull = false
    /// The time between two looks at the databases of addresses.
    private var geoIPLook = Interval(milliseconds: 10_000)

    /// - Parameters:
    ///   - settings: how batches are taken, mapped and given.
    ///   - link: the way to Redis.
    ///   - metrics: gets the transformer's counters.
    ///   - heartbeat: beats in each round of the loop.
    public init(
        _ settings: TransformerSettings, redis link: RedisLink, logger: Logger, metrics: MetricsRegistry,
        heartbeat: Heartbeat
    ) {
        keys = StreamKeys(prefix: link.options.prefix)
        self.settings = settings
        (self.logger, self.heartbeat, service) = (logger, heartbeat, link.service)
        self.metrics = TransformerMetrics(metrics)
        consumer = StreamConsumer(
            link: link, keys: keys, stream: keys.raw, output: keys.ecs, group: Self.group,
            consumer: settings.consumerName,
            options: .init(
                entriesHeldMax: settings.batchesInFlight, claimAfterMilliseconds: settings.claimAfterMilliseconds))
        trimmer = StreamTrimmer(link: link, stream: keys.raw, requiredGroups: [Self.group])
        budget = StreamBudget(link: link, stream: keys.ecs, bytesMax: settings.streamBytesMax)
    }

    /// Maps until asked to stop.
    ///
    /// - Throws: errors that retrying cannot fix: ``RedisError/Code/wrongType``, ``ContractError/newerVersion(_:)``.
    public func run(until stop: StopSignal) throws {
        let mapper = BatchMapper(
            settings: MappingSettings(settings),
            codec: settings.compressionLevel == 0 ? .plain : .zstd(level: settings.compressionLevel),
            service: service, metrics: metrics)
        while !stop.isStopped {
            heartbeat.beat()
            lookAtGeoIP(of: mapper)
            guard try hasRoom(stop) else { continue }
            if let entry = try consumer.next(blockMilliseconds: settings.blockMilliseconds) {
                try map(entry, by: mapper)
            }
            metrics.batchesInFlight.set(Double(consumer.commitsUnconfirmed))
            try trimmer.trim()
        }
        if try !consumer.drain(milliseconds: Self.drainMilliseconds) {
            logger.warning("Batches are not confirmed; they are mapped again after the next start")
        }
    }

    /// Opens databases of addresses that have appeared or changed. Without them documents only say less.
    private func lookAtGeoIP(of mapper: BatchMapper) {
        guard geoIPLook.restartIfDue() else { return }
        for change in mapper.refreshGeoIP() {
            switch change {
            case .opened(let path): logger.info("A database of addresses is open", ["path": path])
            case .failed(let error):
                metrics.geoIPFailures.add()
                logger.warning("A database of addresses cannot be used", ["reason": error])
            }
        }
    }

    /// Waits a little when the stream of documents is full; commits in flight are settled meanwhile.
    private func hasRoom(_ stop: StopSignal) throws -> Bool {
        let isFull = try budget.check()
        if isFull != isStreamFull {
            isStreamFull = isFull
            if isFull {
                logger.warning(
                    "The stream of documents is full, waiting for whoever ships them",
                    ["bytes": budget.bytes, "bytes_max": settings.streamBytesMax])
            } else {
                logger.info("The stream of documents has room again", ["bytes": budget.bytes])
            }
        }
        guard isFull else { return true }
        let start = MonotonicClock.nanoseconds()
        _ = try consumer.drain(milliseconds: Self.fullPauseMilliseconds)
        _ = stop.wait(milliseconds: Self.fullPauseMilliseconds)
        metrics.backpressureSeconds.add(Double(MonotonicClock.nanoseconds() - start) / 1e9)
        return false
    }

    private func map(_ entry: consuming StreamEntry, by mapper: BatchMapper) throws {
        let start = MonotonicClock.nanoseconds()
        guard let batch = try consumer.rawBatch(of: entry) else {
            metrics.undecodableBatches.add()
            return
        }
        // The batch is unpacked: a large one need not be there twice.
        entry.payload = []
        let result = mapper.map(batch, entryID: entry.id)
        consumer.commit(
            entry.id, output: result.payload, dead: result.dead.letters,
            totals: [(.events, result.documents), (.rejected, result.dead.recordCount)]
                + Canary.totals(of: batch.header, time: WallClock.nanoseconds()),
            latest: result.statsLine.map { .init($0, field: batch.header.sensor, of: keys.suricata) })
        metrics.batches.add()
        metrics.mapSeconds.observe(Double(MonotonicClock.nanoseconds() - start) / 1e9)
        metrics.ageSeconds.observe(Double(max(0, WallClock.nanoseconds() - batch.header.readTime)) / 1e9)
    }
}

extension MappingSettings {
    /// The part of the settings that is about the mapping.
    init(_ settings: TransformerSettings) {
        ecsVersion = settings.ecsVersion
        keepsOriginal = settings.keepsOriginal
        masksSecrets = settings.masksSecrets
        homeNetworks = settings.homeNetworks
        communityIDSeed = UInt16(clamping: settings.communityIDSeed)
        geoIPCityFile = settings.geoIPCityFile
        geoIPASNFile = settings.geoIPASNFile
    }
}
