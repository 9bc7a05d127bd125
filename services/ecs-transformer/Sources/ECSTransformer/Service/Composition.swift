public import Configuration
import HostedRedis
public import ServiceHost
public import Settings

/// The settings of `ecs-transformer`.
public struct TransformerServiceSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// How batches are taken and given.
    public let transformer: TransformerSettings

    /// Its own key.
    public var httpPort: Setting<Int> { transformer.$httpPort }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader)
        redis = RedisSettings(from: reader)
        transformer = TransformerSettings(from: reader)
    }
}

extension ECSTransformer {
    /// The service as a process runs it.
    public static func make(_ settings: TransformerServiceSettings, host: ServiceHost) -> ECSTransformer {
        ECSTransformer(
            settings.transformer, redis: host.redisLink(settings.redis), logger: host.logger, metrics: host.metrics,
            heartbeat: host.heartbeat)
    }
}
