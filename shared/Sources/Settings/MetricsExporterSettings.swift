// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration

/// What `metrics-exporter` looks at, and how often.
public struct MetricsExporterSettings: SettingsSection {
    @Setting(
        "metrics_exporter.http_port", .port, default: 9105, "Port of metrics-exporter's metrics and health.")
    public var httpPort

    @Setting(
        "metrics_exporter.interval_ms", .milliseconds(in: 100...60_000), default: 5_000,
        "Time between two looks at Redis. Whoever asks for the metrics gets those of the last look, with its age.")
    public var intervalMilliseconds

    @Setting(
        "metrics_exporter.opensearch", .boolean, default: false,
        "Whether the OpenSearch of the section `opensearch` is asked for its health and the size of our indexes.")
    public var looksAtOpenSearch

    @Setting(
        "metrics_exporter.opensearch_interval_ms", .milliseconds(in: 1_000...3_600_000), default: 30_000,
        "Time between two looks at OpenSearch.")
    public var openSearchIntervalMilliseconds

    /// `eve-reader`'s own setting.
    @Setting(\ReaderSettings.$streamBytesMax)
    public var rawStreamBytesMax

    /// `ecs-transformer`'s own setting.
    @Setting(\TransformerSettings.$streamBytesMax)
    public var documentStreamBytesMax

    public init() {}

    /// The section `metrics_exporter`.
    public static let section = ConfigurationSection(
        "metrics_exporter", "Shows where events are, and Suricata's own counters, to Prometheus.", of: Self.self)
}
