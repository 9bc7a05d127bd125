import EventContract
public import Lifecycle
public import RedisStreams
public import ServiceHost
import Settings

/// The service as a process runs it: builds the flow from the settings, and runs it.
public final class ShipperService: Service {
    private let settings: ShipperServiceSettings
    private let redis: RedisLink
    private let host: ServiceHost
    private let version: String

    /// Prepares the service; nothing is connected before ``run(until:)``.
    public init(_ settings: ShipperServiceSettings, redis: RedisLink, host: ServiceHost, version: String) {
        self.settings = settings
        self.redis = redis
        self.host = host
        self.version = version
    }

    /// Ships until it is asked to stop.
    public func run(until stop: StopSignal) throws {
        let metrics = ShipperMetrics(host.metrics)
        let sink = try SinkFactory.make(settings, version: version, logger: host.logger, metrics: metrics)
        let keys = StreamKeys(prefix: settings.redis.prefix)
        let shipper = settings.shipper
        let consumer = StreamConsumer(
            link: redis, keys: keys, stream: keys.ecs, group: shipper.sink.group,
            consumer: shipper.consumerName,
            options: .init(
                entriesHeldMax: shipper.batchesInFlight, claimAfterMilliseconds: shipper.claimAfterMilliseconds))
        let flow = Shipper(
            consumer: consumer,
            trimmer: StreamTrimmer(
                link: redis, stream: keys.ecs, requiredGroups: shipper.requiredGroups,
                groupsRequiredIfPresent: shipper.groupsRequiredIfPresent),
            groupWatch: GroupWatch(own: shipper.sink.group, readiness: host.readiness, logger: host.logger),
            sink: sink,
            sinkWatch: SinkWatch(name: shipper.sink.rawValue, readiness: host.readiness, logger: host.logger),
            storeReport: shipper.sink == .sqlite
                ? StoreReport(
                    link: redis, keys: keys, group: shipper.sink.group, path: settings.sqlite.path,
                    metrics: host.metrics)
                : nil,
            batchesInFlight: shipper.batchesInFlight, blockMilliseconds: shipper.blockMilliseconds,
            heartbeat: host.heartbeat, metrics: metrics)
        try flow.run(until: stop)
    }
}
