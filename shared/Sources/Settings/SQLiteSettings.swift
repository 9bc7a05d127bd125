public import Configuration

/// Where the local event store is.
public struct SQLiteSettings: Sendable {
    /// The database file.
    public var path = Keys.path.fallback
    /// How long to wait for another process that holds the database.
    public var busyTimeoutMilliseconds = Keys.busyTimeoutMilliseconds.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `sqlite`.
    public init(from reader: ConfigurationReader) {
        path = reader.value(of: Keys.path)
        busyTimeoutMilliseconds = reader.value(of: Keys.busyTimeoutMilliseconds)
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
    }

    /// The section `sqlite`.
    public static let section = ConfigurationSection(
        "sqlite", "The local event store.",
        keys: [Keys.path.definition, Keys.httpPort.definition, Keys.busyTimeoutMilliseconds.definition])
}
