public import Configuration
public import ServiceHost
public import Settings

/// The settings of `opensearch-shipper`, with those of both sinks.
public struct ShipperServiceSettings: ServiceSettings {
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
