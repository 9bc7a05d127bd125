// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration

/// A service of the pipeline, and where it shows its metrics and health.
public struct ServiceAddress: Sendable, Hashable {
    /// `eve-reader`, `local-store`, …: as the container is called.
    public let name: String
    /// A name or an address, without brackets.
    public let host: String
    public let port: Int

    public init(name: String, host: String, port: Int) {
        (self.name, self.host, self.port) = (name, host, port)
    }

    /// `HOST:PORT`, as URLs have it.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    static let form = ValueForm<ServiceAddress>(
        allowed: "`SERVICE=HOST:PORT`", text: { "\($0.name)=\($0.authority)" },
        parse: { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ValueForm<String>.name.parse(String(parts[0])) != nil,
                let place = HostAndPort(parts[1]), let port = place.port
            else { return nil }
            return ServiceAddress(name: String(parts[0]), host: place.host, port: port)
        })
}

/// What `control-plane` watches of the pipeline.
public struct PipelineSettings: SettingsSection {
    /// Every service on this machine, at the ports that they have by themselves.
    private static let here = [
        ("eve-reader", 9101), ("ecs-transformer", 9102), ("opensearch-shipper", 9103), ("local-store", 9104),
        ("metrics-exporter", 9105), ("aws-provisioner", 9107),
    ].map { ServiceAddress(name: $0.0, host: "127.0.0.1", port: $0.1) }

    @Setting(
        "pipeline.services",
        .list(
            of: ServiceAddress.form, count: 1...32,
            example: ("eve-reader=127.0.0.1:9101", "local-store=127.0.0.1:9104")),
        default: here,
        """
        The services of the pipeline, by the names of their containers, and where each shows its metrics and health. One \
        that was never seen and that nothing needs counts as not used.
        """)
    public var services

    @Setting(
        "pipeline.interval_ms", .milliseconds(in: 500...60_000), default: 5_000,
        "Time between two looks at the services.")
    public var intervalMilliseconds

    @Setting(
        "pipeline.silence_seconds", .integer(in: 10...86_400), default: 300,
        "Time without anything from Suricata after which it counts as silent, in seconds.")
    public var silenceSeconds

    public init() {}

    /// The section `pipeline`.
    public static let section = ConfigurationSection(
        "pipeline", "What control-plane watches, to say whether events flow.", of: Self.self)
}

/// The event of our own that shows that the whole way is open.
public struct CanarySettings: SettingsSection {
    @Setting(
        "canary.interval_ms",
        .integer(in: 0...3_600_000).described(as: "milliseconds from 1000 to 3600000, or 0 for none"),
        default: 60_000,
        """
        Time between two canaries: events that `eve-reader` makes itself and sends the way of all others, so that what no \
        longer arrives names the stage that is stuck. They are kept out of the pages.
        """)
    public var intervalMilliseconds

    public init() {}

    public func complete(_ reader: ConfigurationReader) {
        if 1..<1_000 ~= intervalMilliseconds {
            reader.report("\($intervalMilliseconds.name) must be at least 1000, or 0", at: $intervalMilliseconds.origin)
        }
    }

    /// The section `canary`.
    public static let section = ConfigurationSection(
        "canary", "An event of our own by which is seen that the whole way is open.", of: Self.self)
}
