public import Configuration

/// What `metrics-exporter` looks at, and how often.
public struct MetricsExporterSettings: Sendable {
    /// Time between two looks at Redis.
    public var intervalMilliseconds = Keys.intervalMilliseconds.fallback
    /// Whether OpenSearch is looked at.
    public var looksAtOpenSearch = Keys.openSearch.fallback
    /// Time between two looks at OpenSearch.
    public var openSearchIntervalMilliseconds = Keys.openSearchIntervalMilliseconds.fallback
    /// Memory that the stream of raw batches may take: `eve-reader`'s own setting.
    public var rawStreamBytesMax = ReaderSettings.Keys.streamBytesMax.fallback
    /// Memory that the stream of documents may take: `ecs-transformer`'s own setting.
    public var documentStreamBytesMax = TransformerSettings.Keys.streamBytesMax.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `metrics_exporter`, and the budgets of the streams from the services that keep them.
    public init(from reader: ConfigurationReader) {
        intervalMilliseconds = reader.value(of: Keys.intervalMilliseconds)
        looksAtOpenSearch = reader.value(of: Keys.openSearch)
        openSearchIntervalMilliseconds = reader.value(of: Keys.openSearchIntervalMilliseconds)
        rawStreamBytesMax = reader.value(of: ReaderSettings.Keys.streamBytesMax)
        documentStreamBytesMax = reader.value(of: TransformerSettings.Keys.streamBytesMax)
    }

    /// The keys of the section `metrics_exporter`.
    public enum Keys {
        /// `metrics_exporter.http_port`
        public static let httpPort = ConfigurationKey(
            "metrics_exporter.http_port", .port, default: 9105, "Port of metrics-exporter's metrics and health.")
        /// `metrics_exporter.interval_ms`
        public static let intervalMilliseconds = ConfigurationKey(
            "metrics_exporter.interval_ms", .milliseconds(in: 100...60_000), default: 5_000,
            "Time between two looks at Redis. Whoever asks for the metrics gets those of the last look, with its age.")
        /// `metrics_exporter.opensearch`
        public static let openSearch = ConfigurationKey(
            "metrics_exporter.opensearch", .boolean, default: false,
            "Whether the OpenSearch of the section `opensearch` is asked for its health and the size of our indexes.")
        /// `metrics_exporter.opensearch_interval_ms`
        public static let openSearchIntervalMilliseconds = ConfigurationKey(
            "metrics_exporter.opensearch_interval_ms", .milliseconds(in: 1_000...3_600_000), default: 30_000,
            "Time between two looks at OpenSearch.")
    }

    /// The section `metrics_exporter`.
    public static let section = ConfigurationSection(
        "metrics_exporter", "Shows where events are, and Suricata's own counters, to Prometheus.",
        keys: [
            Keys.httpPort.definition, Keys.intervalMilliseconds.definition, Keys.openSearch.definition,
            Keys.openSearchIntervalMilliseconds.definition,
        ])
}

/// The settings of `metrics-exporter`.
public struct MetricsExporterServiceSettings: ServiceSettings {
    /// The sections that it reads; of those of other services only the budgets of the streams that they keep.
    public static let sections = [
        HostSettings.logSection, HostSettings.httpSection, RedisSettings.section, MetricsExporterSettings.section,
        ConfigurationSection(
            "eve_reader", ReaderSettings.section.summary, keys: [ReaderSettings.Keys.streamBytesMax.definition]),
        ConfigurationSection(
            "ecs_transformer", TransformerSettings.section.summary,
            keys: [TransformerSettings.Keys.streamBytesMax.definition]),
        OpenSearchSettings.section,
    ]

    /// Log and HTTP.
    public let host: HostSettings
    /// How Redis is reached.
    public let redis: RedisSettings
    /// What is looked at, and how often.
    public let exporter: MetricsExporterSettings
    /// How OpenSearch is reached.
    public let openSearch: OpenSearchSettings

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader, port: MetricsExporterSettings.Keys.httpPort)
        redis = RedisSettings(from: reader)
        exporter = MetricsExporterSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader)
    }
}
