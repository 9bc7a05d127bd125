public import Configuration

/// All that one service reads from the configuration.
public protocol ServiceSettings: Sendable {
    /// The sections that it reads, for its help and its check.
    static var sections: [ConfigurationSection] { get }

    /// Log and HTTP.
    var host: HostSettings { get }

    /// What stands in the way on this machine now, for `check-config`. A service that runs waits until it is mended.
    var obstacles: [ConfigurationProblem] { get }

    /// Reads all of it; mistakes are in the reader's `problems` afterwards.
    init(from reader: ConfigurationReader)
}

extension ServiceSettings {
    /// Nothing.
    public var obstacles: [ConfigurationProblem] { [] }
}

/// The sections of the configuration file, one file for all services.
public enum SettingsCatalog {
    /// Every section, in the order of the documentation.
    public static let sections: [ConfigurationSection] = [
        SensorSettings.section, HostSettings.logSection, HostSettings.httpSection, RedisSettings.section,
        ReaderSettings.section, TransformerSettings.section, ShipperSettings.section, OpenSearchSettings.section,
        SQLiteSettings.section, MetricsExporterSettings.section,
    ]
}

/// The settings of `eve-reader`.
public struct ReaderServiceSettings: ServiceSettings {
    /// The sections that it reads.
    public static let sections = [
        SensorSettings.section, HostSettings.logSection, HostSettings.httpSection, RedisSettings.section,
        ReaderSettings.section,
    ]

    /// Log and HTTP.
    public let host: HostSettings
    /// Which sensor this is.
    public let sensor: SensorSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// What is read, and how it is cut into batches.
    public let reader: ReaderSettings

    /// Something in the place of the file that cannot be followed.
    public var obstacles: [ConfigurationProblem] { reader.obstacle.map { [ConfigurationProblem($0)] } ?? [] }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        sensor = SensorSettings(from: reader)
        host = HostSettings(from: reader, port: ReaderSettings.Keys.httpPort)
        redis = RedisSettings(from: reader)
        self.reader = ReaderSettings(from: reader)
    }
}

/// The settings of `ecs-transformer`.
public struct TransformerServiceSettings: ServiceSettings {
    /// The sections that it reads.
    public static let sections = [
        HostSettings.logSection, HostSettings.httpSection, RedisSettings.section, TransformerSettings.section,
    ]

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

/// The settings of `opensearch-shipper`, with those of both sinks.
public struct ShipperServiceSettings: ServiceSettings {
    /// The sections that it reads.
    public static let sections = [
        HostSettings.logSection, HostSettings.httpSection, RedisSettings.section, ShipperSettings.section,
        OpenSearchSettings.section, SQLiteSettings.section,
    ]

    /// Log and HTTP.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// How documents are taken, and which sink they go to.
    public let shipper: ShipperSettings
    /// For the sink `opensearch`.
    public let openSearch: OpenSearchSettings
    /// For the sink `sqlite`.
    public let sqlite: SQLiteSettings

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        shipper = ShipperSettings(from: reader)
        // Both shippers run on one machine from one file, so each sink has a port of its own.
        let port =
            switch shipper.sink {
            case .opensearch: ShipperSettings.Keys.httpPort
            case .sqlite: SQLiteSettings.Keys.httpPort
            }
        host = HostSettings(from: reader, port: port)
        redis = RedisSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader)
        sqlite = SQLiteSettings(from: reader)
    }
}
