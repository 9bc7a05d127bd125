// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Logging

/// What every process has: a log, and an address for `/metrics`, `/healthz` and `/readyz`.
public struct HostSettings: SettingsSection {
    @Setting(
        "log.level", .choice, default: LogLevel.info,
        "The least urgent level that is written to standard error. `warning` and `error` ask for an operator.")
    public var logLevel

    @Setting(
        "log.format", .choice, default: LogFormat.text,
        "`text` writes columns for people, `json` one object a line for machines.")
    public var logFormat

    @Setting(
        "http.bind", .host, default: "127.0.0.1",
        """
        The address on which each service serves `/metrics`, `/healthz`, `/readyz` and `/settings`. `0.0.0.0` opens \
        them to the network; they have no authentication.
        """)
    public var httpBind

    public init() {}

    /// The section `log`.
    public static let logSection = ConfigurationSection(
        "log", "What the services write to standard error.", of: Self.self)

    /// The section `http`.
    public static let httpSection = ConfigurationSection(
        "http", "Metrics and health of each service over HTTP; the ports are keys of the services.", of: Self.self)
}
