public import OpenSearchBulk
public import Settings

extension OpenSearchSettings {
    /// The classes that have indexes of their own. Without classes all events are in those of telemetry.
    public var eventClasses: [EventClass] { hasClasses ? EventClass.allCases.reversed() : [.telemetry] }

    /// After how many days the lifecycle policy deletes the indexes of each class; 0 for never.
    public var deletionAges: [EventClass: Int] {
        hasClasses
            ? [.alerts: alertsDeleteAfterDays, .telemetry: telemetryDeleteAfterDays, .stats: statsDeleteAfterDays]
            : [.telemetry: deleteAfterDays]
    }
}

extension BulkAction {
    /// Names the indexes, or the data stream, of the section `opensearch`.
    /// - Throws: ``IndexPrefixError``.
    public init(_ settings: OpenSearchSettings) throws(IndexPrefixError) {
        try self.init(indexPrefix: settings.indexPrefix, isDataStream: settings.mode == .datastream)
    }
}
