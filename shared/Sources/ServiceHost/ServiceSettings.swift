public import Configuration
public import Settings

/// All that one service reads from the configuration.
public protocol ServiceSettings: Sendable {
    /// The log, and where metrics and health are served.
    var host: HostSettings { get }

    /// The port of metrics and health, a key of the service's own section.
    var httpPort: Setting<Int> { get }

    /// What prevents the service from working on this machine now, for `check-config`. A running service waits for a remedy.
    var obstacles: [ConfigurationError] { get }

    /// Reads all settings; mistakes are in the reader's `problems` afterwards.
    init(from reader: ConfigurationReader)
}

extension ServiceSettings {
    /// The keys that it reads, in order.
    static var keys: [KeyDefinition] {
        let reader = ConfigurationReader(ConfigurationSources(), sections: [])
        _ = Self(from: reader)
        return reader.effective.map(\.key)
    }

    /// By default nothing.
    public var obstacles: [ConfigurationError] { [] }
}
