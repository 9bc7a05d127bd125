// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration

/// Where the local event store is.
public struct SQLiteSettings: SettingsSection {
    @Setting(
        "sqlite.path", .path, default: "/var/lib/ids-suite/events.db", environment: "STORE_PATH",
        option: .value("--store", valueName: "FILE"),
        "The database file; its folder must exist and be writable.")
    public var path

    @Setting(
        "sqlite.http_port", .port, default: 9104, "Port of the metrics and health of a shipper to SQLite.")
    public var httpPort

    @Setting(
        "sqlite.busy_timeout_ms", .milliseconds(in: 0...60_000), default: 2_000,
        "How long one attempt waits for another process that holds the database.")
    public var busyTimeoutMilliseconds

    @Setting(
        "sqlite.bytes_max", .bytes(in: 0...(1 << 50)), default: 0, environment: "STORE_BYTES_MAX",
        """
        How much the events may take on the disk, at least 64MiB; when it is more, those that were stored first are \
        deleted. 0 for no bound.
        """)
    public var bytesMax

    @Setting(
        "sqlite.delete_after_days", .integer(in: 0...3_650), default: 0, environment: "STORE_DELETE_AFTER_DAYS",
        "Age by its own time at which an event is deleted, in days; 0 for never.")
    public var deleteAfterDays

    /// Below this a few batches would fill the store.
    private static let bytesMaxSmallest = 64 << 20

    public init() {}

    public func complete(_ reader: ConfigurationReader) {
        if bytesMax > 0, bytesMax < Self.bytesMaxSmallest {
            reader.report(
                "\($bytesMax.name) is \(bytesMax): it must be at least 64MiB, or 0 for no bound", at: $bytesMax.origin)
        }
    }

    /// The section `sqlite`.
    public static let section = ConfigurationSection("sqlite", "The local event store.", of: Self.self)
}
