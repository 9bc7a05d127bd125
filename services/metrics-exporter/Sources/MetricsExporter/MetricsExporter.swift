import HTTPClient
public import Lifecycle
public import Logging
public import Metrics
public import RedisStreams
public import Settings

/// Shows where events are, and Suricata's own counters.
///
/// The flow is one loop: look at Redis in one round trip, keep what was found, wait. Whoever asks for the metrics gets what
/// was found last and how old that is; so asking costs Redis nothing, never waits for it, and Suricata's counters are
/// followed also while nobody asks.
public final class MetricsExporter: Service {
    /// The longest wait between two signs of life.
    private static let waitMilliseconds = 1_000

    private let settings: MetricsExporterSettings
    private let openSearchSettings: OpenSearchSettings
    private let userAgent: String
    private let look: PipelineLook
    private let logger: Logger
    private let heartbeat: Heartbeat
    private let sampleSeconds: Histogram
    private let shown: Shown

    /// - Parameters:
    ///   - settings: what is looked at, and how often.
    ///   - openSearch: how OpenSearch is reached, if it is looked at.
    ///   - link: the way to Redis.
    ///   - version: the version that OpenSearch's log shall name.
    ///   - metrics: shows everything.
    ///   - heartbeat: beats in each round of the loop.
    public init(
        _ settings: MetricsExporterSettings, openSearch: OpenSearchSettings, redis link: RedisLink, version: String,
        logger: Logger, metrics: MetricsRegistry, heartbeat: Heartbeat
    ) {
        (self.settings, openSearchSettings) = (settings, openSearch)
        (self.logger, self.heartbeat) = (logger, heartbeat)
        userAgent = "\(link.service)/\(version)"
        look = PipelineLook(link: link, settings: settings, logger: logger)
        sampleSeconds = metrics.histogram(
            "sample_duration_seconds", help: "Time that a look at Redis took, with its round trip.")
        let shown = Shown()
        self.shown = shown
        metrics.measure { shown.state.withLock { $0 }.families }
    }

    /// Looks until asked to stop.
    ///
    /// - Throws: `HTTPError`: OpenSearch cannot be asked with these settings; `RedisError`: errors that retrying cannot fix.
    public func run(until stop: StopSignal) throws {
        let openSearch = try settings.looksAtOpenSearch ? openSearchLook() : nil
        var interval = Interval(milliseconds: settings.intervalMilliseconds)
        while !stop.isStopped {
            heartbeat.beat()
            if interval.isDue {
                try takeSample()
                interval.restartByPlan()
            }
            let wait = min(interval.remainingMilliseconds, Self.waitMilliseconds)
            if let openSearch {
                openSearch.work(milliseconds: wait, wakingOn: [stop.fileDescriptor])
                shown.state.withLock { $0.openSearch = openSearch.facts }
            } else {
                stop.wait(milliseconds: wait)
            }
        }
    }

    private func openSearchLook() throws(HTTPError) -> OpenSearchLook {
        try OpenSearchLook(
            openSearchSettings, intervalMilliseconds: settings.openSearchIntervalMilliseconds, userAgent: userAgent,
            logger: logger)
    }

    private func takeSample() throws(RedisError) {
        let start = MonotonicClock.nanoseconds()
        let sample = try look.take()
        if sample != nil { sampleSeconds.observe(Double(MonotonicClock.nanoseconds() - start) / 1e9) }
        var suricata = (look.suricata ?? [:]).sorted { $0.key < $1.key }.map { (name: $0.key, state: $0.value) }
        if look.otherSuricatas.writersCount > 0 {
            suricata.append((ShownSensors.other, SuricataSensor(totals: look.otherSuricatas)))
        }
        shown.state.withLock { shown in
            shown.isRedisUp = sample != nil
            guard let sample else { return }
            (shown.sample, shown.suricata) = (sample, suricata)
        }
    }
}
