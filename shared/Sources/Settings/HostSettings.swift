public import Configuration
public import Logging

/// What every process has: a log, and a port for `/metrics`, `/healthz` and `/readyz`.
public struct HostSettings: Sendable {
    /// The least urgent level that is logged.
    public var logLevel = Keys.logLevel.fallback
    /// Text for people or JSON for machines.
    public var logFormat = Keys.logFormat.fallback
    /// The address that the HTTP port is bound to.
    public var httpBind = Keys.httpBind.fallback
    /// The HTTP port; 0 takes a free one, which is for tests.
    public var httpPort = 0
    /// The key that sets `httpPort`, for messages about it.
    public var httpPortKey = "http_port"

    /// The defaults.
    public init() {}

    /// Reads the sections `log` and `http`, and the port from the service's own key.
    public init(from reader: ConfigurationReader, port key: ConfigurationKey<Int>) {
        logLevel = reader.value(of: Keys.logLevel)
        logFormat = reader.value(of: Keys.logFormat)
        httpBind = reader.value(of: Keys.httpBind)
        httpPort = reader.value(of: key)
        httpPortKey = key.name
    }

    /// The keys of the sections `log` and `http`.
    public enum Keys {
        /// `log.level`
        public static let logLevel = ConfigurationKey(
            "log.level", .choice, default: LogLevel.info,
            "The least urgent level that is written to standard error. `warning` and `error` ask for an operator.")
        /// `log.format`
        public static let logFormat = ConfigurationKey(
            "log.format", .choice, default: LogFormat.text,
            "`text` writes columns for people, `json` one object a line for machines.")
        /// `http.bind`
        public static let httpBind = ConfigurationKey(
            "http.bind", .host, default: "127.0.0.1",
            """
            The address on which each service serves `/metrics`, `/healthz` and `/readyz`. `0.0.0.0` opens them to the \
            network; they have no authentication.
            """)
    }

    /// The section `log`.
    public static let logSection = ConfigurationSection(
        "log", "What the services write to standard error.",
        keys: [Keys.logLevel.definition, Keys.logFormat.definition])

    /// The section `http`.
    public static let httpSection = ConfigurationSection(
        "http", "Metrics and health of each service over HTTP; the ports are keys of the services.",
        keys: [Keys.httpBind.definition])
}
