public import Configuration
public import ServiceHost
public import Settings

/// The settings of `aws-provisioner`.
public struct ProvisionerSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// The domain.
    public let domain: AWSDomainSettings
    /// How the OpenSearch of the domain is reached and set up, and who we are to AWS.
    public let openSearch: OpenSearchSettings

    /// Its own key.
    public var httpPort: Setting<Int> { domain.$httpPort }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader)
        domain = AWSDomainSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader) { $0.isAmazons = true }
    }
}

extension Provisioner {
    /// The service as a process runs it.
    public static func make(_ settings: ProvisionerSettings, host: ServiceHost) -> Provisioner {
        Provisioner(
            settings, version: host.version, readiness: host.readiness, heartbeat: host.heartbeat, logger: host.logger,
            metrics: host.metrics)
    }
}
