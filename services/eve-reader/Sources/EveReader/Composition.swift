public import Configuration
import HostedRedis
public import ServiceHost
public import Settings

/// The settings of `eve-reader`.
public struct ReaderServiceSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// Which sensor this is.
    public let sensor: SensorSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// What is read, and how it is cut into batches.
    public let reader: ReaderSettings
    /// How often a canary is sent.
    public let canary: CanarySettings

    /// Something in the place of the file that cannot be followed.
    public var obstacles: [ConfigurationError] { reader.obstacle.map { [ConfigurationError($0)] } ?? [] }

    /// Its own key.
    public var httpPort: Setting<Int> { reader.$httpPort }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        sensor = SensorSettings(from: reader)
        host = HostSettings(from: reader)
        redis = RedisSettings(from: reader)
        self.reader = ReaderSettings(from: reader)
        canary = CanarySettings(from: reader)
    }
}

extension EveReader {
    /// The service as a process runs it.
    public static func make(_ settings: ReaderServiceSettings, host: ServiceHost) -> EveReader {
        EveReader(
            settings.reader, sensor: settings.sensor.name, link: host.redisLink(settings.redis),
            canaryMilliseconds: settings.canary.intervalMilliseconds, logger: host.logger, metrics: host.metrics,
            readiness: host.readiness, heartbeat: host.heartbeat)
    }
}
