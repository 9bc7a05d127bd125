public import Configuration
import HostedRedis
public import ServiceHost
public import Settings

/// The settings of `ecs-transformer`.
public struct TransformerServiceSettings: ServiceSettings {
    /// Log and HTTP.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// How batches are taken and given.
    public let transformer: TransformerSettings

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader, port: TransformerSettings.Keys.httpPort)
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
