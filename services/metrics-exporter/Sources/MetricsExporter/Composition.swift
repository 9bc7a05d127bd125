public import Configuration
import HostedRedis
public import ServiceHost
public import Settings

/// The settings of `metrics-exporter`.
public struct MetricsExporterServiceSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// What is looked at, and how often.
    public let exporter: MetricsExporterSettings
    /// How OpenSearch is reached.
    public let openSearch: OpenSearchSettings

    /// Its own key.
    public var httpPort: Setting<Int> { exporter.$httpPort }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader)
        redis = RedisSettings(from: reader)
        exporter = MetricsExporterSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader)
    }
}

extension MetricsExporter {
    /// The service as a process runs it.
    public static func make(_ settings: MetricsExporterServiceSettings, host: ServiceHost) -> MetricsExporter {
        MetricsExporter(
            settings.exporter, openSearch: settings.openSearch, redis: host.redisLink(settings.redis),
            version: host.version, logger: host.logger, metrics: host.metrics, heartbeat: host.heartbeat)
    }
}
