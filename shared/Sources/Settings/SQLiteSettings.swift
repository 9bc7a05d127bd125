public import Configuration

/// Where the local event store is.
public struct SQLiteSettings: Sendable {
    /// The database file.
    public var path = Keys.path.fallback
    /// How long to wait for another process that holds the database.
    public var busyTimeoutMilliseconds = Keys.busyTimeoutMilliseconds.fallback
    /// Bytes that the events may take before the first ones are deleted; 0 for any number.
    public var bytesMax = Keys.bytesMax.fallback
    /// Age at which an event is deleted, in days; 0 for never.
    public var deleteAfterDays = Keys.deleteAfterDays.fallback

    /// Below this a few batches would fill the store.
    private static let bytesMaxSmallest = 64 << 20

    /// The defaults.
    public init() {}

    /// Reads the section `sqlite`.
    public init(from reader: ConfigurationReader) {
        path = reader.value(of: Keys.path)
        busyTimeoutMilliseconds = reader.value(of: Keys.busyTimeoutMilliseconds)
        deleteAfterDays = reader.value(of: Keys.deleteAfterDays)
        let bytesMax = reader.setting(of: Keys.bytesMax)
        self.bytesMax = bytesMax.value
        if bytesMax.value > 0, bytesMax.value < Self.bytesMaxSmallest {
            reader.report(
                "\(Keys.bytesMax.name) is \(bytesMax.value): it must be at least 64MiB, or 0 for no bound",
                at: bytesMax.origin)
        }
    }

    /// The keys of the section `sqlite`.
    public enum Keys {
        /// `sqlite.path`
        public static let path = ConfigurationKey(
            "sqlite.path", .path, default: "/var/lib/ids-suite/events.db", environment: "STORE_PATH",
            option: .value("--store", valueName: "FILE"),
            "The database file; its folder must exist and be writable.")
        /// `sqlite.http_port`
        public static let httpPort = ConfigurationKey(
            "sqlite.http_port", .port, default: 9104, "Port of the metrics and health of a shipper to SQLite.")
        /// `sqlite.busy_timeout_ms`
        public static let busyTimeoutMilliseconds = ConfigurationKey(
            "sqlite.busy_timeout_ms", .milliseconds(in: 0...60_000), default: 2_000,
            "How long one attempt waits for another process that holds the database.")
        /// `sqlite.bytes_max`
        public static let bytesMax = ConfigurationKey(
            "sqlite.bytes_max", .bytes(in: 0...(1 << 50)), default: 0, environment: "STORE_BYTES_MAX",
            """
            How much the events may take on the disk, at least 64MiB; when it is more, those that were stored first are \
            deleted. 0 for no bound.
            """)
        /// `sqlite.delete_after_days`
        public static let deleteAfterDays = ConfigurationKey(
            "sqlite.delete_after_days", .integer(in: 0...3_650), default: 0, environment: "STORE_DELETE_AFTER_DAYS",
            "Age by its own time at which an event is deleted, in days; 0 for never.")
    }

    /// The section `sqlite`.
    public static let section = ConfigurationSection(
        "sqlite", "The local event store.",
        keys: [
            Keys.path.definition, Keys.httpPort.definition, Keys.busyTimeoutMilliseconds.definition,
            Keys.bytesMax.definition, Keys.deleteAfterDays.definition,
        ])
}
