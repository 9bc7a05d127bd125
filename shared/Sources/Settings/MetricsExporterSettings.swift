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
