public import Configuration
import EventContract
import HostedRedis
import Lifecycle
import OpenSearch
import Pipeline
import RedisStreams
public import ServiceHost
public import Settings

/// The settings of `opensearch-shipper`, with those of both sinks.
public struct ShipperServiceSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// How documents are taken, and which sink they go to.
    public let shipper: ShipperSettings
    /// For the sink `opensearch`.
    public let openSearch: OpenSearchSettings
    /// For the sink `sqlite`.
    public let sqlite: SQLiteSettings

    /// That of the sink: both shippers run on one machine from one file, so each has a port of its own.
    public var httpPort: Setting<Int> {
        switch shipper.sink {
        case .opensearch: shipper.$httpPort
        case .sqlite: sqlite.$httpPort
        }
    }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        shipper = ShipperSettings(from: reader)
        host = HostSettings(from: reader)
        redis = RedisSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader)
        sqlite = SQLiteSettings(from: reader)
    }
}

extension Shipper {
    /// The service as a process runs it.
    ///
    /// - Throws: what is wrong with the settings of the sink.
    public static func make(_ settings: ShipperServiceSettings, host: ServiceHost) throws -> Shipper {
        let metrics = ShipperMetrics(host.metrics)
        let redis = host.redisLink(settings.redis)
        let keys = StreamKeys(prefix: settings.redis.prefix)
        let shipper = settings.shipper
        let group = shipper.sink.group
        return Shipper(
            consumer: StreamConsumer(
                link: redis, keys: keys, stream: keys.ecs, group: group, consumer: shipper.consumerName,
                options: .init(
                    entriesHeldMax: shipper.batchesInFlight, claimAfterMilliseconds: shipper.claimAfterMilliseconds)),
            trimmer: StreamTrimmer(
                link: redis, stream: keys.ecs, requiredGroups: shipper.requiredGroups,
                groupsRequiredIfPresent: shipper.groupsRequiredIfPresent),
            groupWatch: GroupWatch(own: group, readiness: host.readiness, logger: host.logger),
            sink: try sink(settings, host: host, metrics: metrics),
            sinkWatch: SinkWatch(name: shipper.sink.rawValue, readiness: host.readiness, logger: host.logger),
            storeReport: shipper.sink == .sqlite
                ? EventStoreReport(
                    link: redis, keys: keys, group: group, path: settings.sqlite.path, metrics: host.metrics) : nil,
            batchesInFlight: shipper.batchesInFlight, blockMilliseconds: shipper.blockMilliseconds,
            heartbeat: host.heartbeat, metrics: metrics)
    }

    private static func sink(
        _ settings: ShipperServiceSettings, host: ServiceHost, metrics: ShipperMetrics
    ) throws -> any Sink {
        let backoff = Backoff(
            firstMilliseconds: settings.shipper.backoffMinMilliseconds,
            capMilliseconds: settings.shipper.backoffMaxMilliseconds)
        switch settings.shipper.sink {
        case .opensearch:
            let makeSink = { openSearch in
                try OpenSearchSink(
                    openSearch, backoff: backoff, version: host.version, logger: host.logger, metrics: metrics)
            }
            guard let file = settings.openSearch.endpointFile else { return try makeSink(settings.openSearch) }
            return FollowingSink(
                EndpointWatch(file, for: settings.openSearch), logger: host.logger, makeSink: makeSink)
        case .sqlite:
            return SQLiteSink(settings.sqlite, backoff: backoff, logger: host.logger, metrics: metrics)
        }
    }
}
