import HTTPClient
import Lifecycle
import Logging
import SQLite
import Settings
import Synchronization

/// Looks at the pipeline every few seconds, and keeps what was found for whoever asks.
final class PipelineWatch: Sendable {
    /// How the pipeline is, and how it was.
    struct Found: Sendable {
        var status: PipelineStatus
        var series = SeriesRing()
    }

    private static let rulesMilliseconds = 15_000
    private static let rulesMax = 8
    private static let questionMilliseconds = 500

    private let settings: PipelineSettings
    private let canaryMilliseconds: Int
    private let services: [ServiceAddress]
    private let disks: [(name: String, path: String)]
    private let readers: EventReaders
    private let userAgent: String
    private let logger: Logger
    private let found: Mutex<Found>

    /// - Parameters:
    ///   - own: where this service itself shows its metrics.
    ///   - disks: file systems whose room is shown, by a path in each.
    init(
        _ settings: PipelineSettings, canaryMilliseconds: Int, own: ServiceAddress,
        disks: [(name: String, path: String)], readers: EventReaders, userAgent: String, logger: Logger
    ) {
        (self.settings, self.canaryMilliseconds) = (settings, canaryMilliseconds)
        services = settings.services + [own]
        (self.disks, self.readers, self.userAgent, self.logger) = (disks, readers, userAgent, logger)
        var status = PipelineStatus(
            time: WallClock.nanoseconds(), canary: .init(intervalMilliseconds: canaryMilliseconds))
        status.sentence = "The pipeline is being looked at for the first time."
        found = Mutex(Found(status: status))
    }

    /// What was found last.
    var latest: PipelineStatus { found.withLock { $0.status } }

    /// Measured values: see ``SeriesRing/series(_:from:to:step:)``.
    func series(
        _ names: [SeriesRing.Name], from: Int64, to: Int64, step: Int64
    ) -> (times: [Int64], step: Int64, values: [[Double?]]) {
        found.withLock { $0.series.series(names, from: from, to: to, step: step) }
    }

    /// Looks until asked to stop.
    func run(until stop: StopSignal) {
        let services: ServiceLook
        do {
            services = try ServiceLook(self.services, userAgent: userAgent)
        } catch {
            logger.error("the pipeline cannot be watched", ["reason": "\(error)"])
            return
        }
        var box = BoxLook(disks: disks)
        var judge = PipelineJudge(silenceSeconds: settings.silenceSeconds, canaryMilliseconds: canaryMilliseconds)
        var interval = Interval(milliseconds: settings.intervalMilliseconds)
        var rulesInterval = Interval(milliseconds: Self.rulesMilliseconds)
        var rules: (list: [PipelineStatus.NoisyRule], alerts: Int64) = ([], 0)
        var before: PipelineStatus?
        while !stop.isStopped {
            interval.restart()
            let states = services.look(wakingOn: stop)
            guard !stop.isStopped else { return }
            var status = judge.judge(
                PipelineLook(
                    time: WallClock.nanoseconds(), now: MonotonicClock.nanoseconds(), services: states,
                    box: box.look(), newestEvent: newestEvent()))
            if rulesInterval.restartIfDue() { rules = noisyRules() ?? rules }
            (status.noisyRules, status.alerts) = rules
            tell(status, before)
            before = status
            let values = status.measured
            found.withLock { found in
                found.status = status
                found.series.take(values, at: status.time / 1_000_000_000)
            }
            stop.wait(milliseconds: interval.remainingMilliseconds)
        }
    }

    /// One line of the log each time that the pipeline gets stuck or goes on.
    private func tell(_ status: PipelineStatus, _ before: PipelineStatus?) {
        guard status.stuckAt != before?.stuckAt else { return }
        if status.stuckAt != nil {
            logger.warning("events do not flow", ["state": status.sentence])
        } else if before?.stuckAt != nil {
            logger.notice("events flow again", ["state": status.sentence])
        }
    }

    /// The time of the event that was stored last; nil when there is none, or when the store cannot be asked.
    private func newestEvent() -> Int64? {
        try? readers.read { reader in
            var time: Int64?
            _ = try reader.find(
                .all, readsDocuments: false, deadline: .milliseconds(Self.questionMilliseconds)
            ) { event, _ in
                time = event.timestamp
                return false
            }
            return time
        }
    }

    /// The rules with the most alerts in 24 hours; nil when they cannot be had.
    private func noisyRules() -> (list: [PipelineStatus.NoisyRule], alerts: Int64)? {
        try? readers.read { reader in
            guard let index = reader.index() else { return ([], 0) }
            return try index.limited(by: .milliseconds(Self.questionMilliseconds)) {
                let since = WallClock.nanoseconds() / Hour.nanoseconds - 23
                let alerts = try index.rows("SELECT sum(count) FROM sid_hours WHERE hour >= ?", [.integer(since)]) {
                    $0.integer(at: 0) ?? 0
                }
                let list = try index.rows(
                    """
                    SELECT signature_id, sum(count) AS alerts,
                      (SELECT signature FROM groups WHERE groups.signature_id = sid_hours.signature_id LIMIT 1)
                    FROM sid_hours WHERE hour >= ? GROUP BY signature_id ORDER BY alerts DESC LIMIT \(Self.rulesMax)
                    """, [.integer(since)]
                ) { row in
                    PipelineStatus.NoisyRule(
                        id: row.integer(at: 0) ?? 0, name: row.text(at: 2) ?? "", count: row.integer(at: 1) ?? 0)
                }
                return (list, alerts.first ?? 0)
            }
        }
    }
}

extension PipelineStatus {
    /// What is kept for the charts.
    fileprivate var measured: [SeriesRing.Name: Double] {
        var values: [SeriesRing.Name: Double] = [:]
        values[.cpu] = box.cpu
        if let used = box.memoryUsedBytes, let total = box.memoryBytes, total > 0 { values[.memory] = used / total }
        values[.redisMemory] = redis.memoryBytes
        for stage in stages {
            switch stage.kind {
            case .suricata: break
            case .reader: values[.read] = stage.eventsPerSecond
            case .transformer:
                (values[.mapped], values[.transformerLag]) = (stage.eventsPerSecond, stage.waiting?.seconds)
            case .store(.sqlite):
                (values[.local], values[.localLag]) = (stage.eventsPerSecond, stage.waiting?.seconds)
                values[.canary] = stage.canaryMilliseconds
            case .store(.opensearch):
                (values[.opensearch], values[.opensearchLag]) = (stage.eventsPerSecond, stage.waiting?.seconds)
            }
        }
        return values
    }
}
