public import Logging
public import Pipeline
import Settings

/// Makes the sink of each `SinkKind`.
public enum SinkFactory {
    /// The sink that the settings name.
    ///
    /// - Throws: what is wrong with the settings of that sink.
    public static func make(
        _ settings: ShipperServiceSettings, version: String, logger: Logger, metrics: ShipperMetrics
    ) throws -> any Sink {
        let backoff = Backoff(
            firstMilliseconds: settings.shipper.backoffMinMilliseconds,
            capMilliseconds: settings.shipper.backoffMaxMilliseconds)
        return switch settings.shipper.sink {
        case .opensearch:
            try OpenSearchSink(
                settings.openSearch, backoff: backoff, version: version, logger: logger, metrics: metrics)
        case .sqlite:
            SQLiteSink(settings.sqlite, backoff: backoff, metrics: metrics)
        }
    }
}
