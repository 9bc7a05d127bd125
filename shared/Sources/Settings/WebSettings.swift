// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Logging
public import Networks

/// Where `control-plane` serves its page and API, to whom, and for how long a log-in is good.
public struct WebSettings: SettingsSection {
    /// How the page and the API are encrypted.
    public enum TLS: String, Sendable, CaseIterable {
        /// By a certificate of an own authority, both made at the first start.
        case auto
        /// By the files that are named.
        case files
        /// Not at all; on the loopback only.
        case off
    }

    @Setting("web.http_port", .port, default: 9106, "Port of control-plane's metrics and health.")
    public var httpPort

    @Setting(
        "web.bind", .host, default: "0.0.0.0",
        """
        The address on which page and API are served. `0.0.0.0` is every address of this machine; who may connect is \
        said by `web.allowed_networks`.
        """)
    public var bind

    @Setting("web.port", .port, default: 8000, "Port of page and API.")
    public var port

    @Setting(
        "web.published_port", .integer(in: 0...65_535), default: 0,
        "Port under which browsers reach it, where that is another one, as that of a container; 0 for `web.port`.")
    public var publishedPort

    /// The port that stands in addresses of the page.
    public var publicPort: Int { publishedPort == 0 ? port : publishedPort }

    @Setting(
        "web.tls", .choice, default: TLS.auto,
        """
        `auto` makes an own authority and a certificate at the first start, and renews it; `files` takes \
        `web.tls_cert_file` and `web.tls_key_file`; `off` is allowed on the loopback alone.
        """)
    public var tls

    @Setting(
        "web.tls_cert_file", .optionalPath, default: nil,
        "PEM file with the server's certificate and those of the authorities between, for `web.tls: files`.")
    public var tlsCertificateFile

    @Setting("web.tls_key_file", .optionalPath, default: nil, "PEM file with the private key of that certificate.")
    public var tlsKeyFile

    @Setting(
        "web.allowed_hosts",
        ValueForm<[String]>.list(of: .host, count: 1...32, example: ("ids.example.org", "ids")).optional,
        default: nil,
        """
        Names under which browsers may reach this machine, beside its host name, that with `.local`, `localhost`, and \
        addresses. Other names are refused, so that no foreign page can pose as this one. The certificate of \
        `web.tls: auto` holds them, too.
        """)
    public var allowedHosts

    @Setting(
        "web.allowed_networks", .list(of: .network, count: 1...64, example: ("192.168.0.0/16", "fd00::/8")),
        default: IPNetwork.privateNetworks,
        "Networks whose clients are served, in CIDR notation; the loopback always is. Others get status 403.")
    public var allowedNetworks

    @Setting(
        "web.data_dir", .path, default: "/var/lib/ids-suite/control-plane",
        "Folder of accounts, decisions, keys and certificates; it is made if it is missing, and for this user alone.")
    public var dataDirectory

    @Setting(
        "web.pages_dir", .path, default: "/usr/share/ids-suite/pages",
        "Folder with the pages. Without them the API works, and the page says what is missing.")
    public var pagesDirectory

    @Setting(
        "web.agent_socket", .path, default: "/run/ids-suite/agent.sock",
        """
        Socket of the host's agent, which tells how services, units and containers are, and starts them anew. Without it \
        everything else works.
        """)
    public var agentSocket

    @Setting(
        "web.admin_password", .secret, default: Secret(),
        """
        Password of the first account, `admin`, which is made with it when there is no account yet: for installations \
        that nobody watches. Without it the first start prints a code, with which the first account is made in the page.
        """)
    public var adminPassword

    @Setting(
        "web.session_idle_minutes", .integer(in: 5...10_080), default: 720,
        "Time without a request after which one has to log in again, in minutes.")
    public var sessionIdleMinutes

    @Setting(
        "web.session_age_days", .integer(in: 1...90), default: 7,
        "Time after which one has to log in again in any case, in days.")
    public var sessionAgeDays

    @Setting(
        "web.audit_days", .integer(in: 30...3_650), default: 365,
        "How long it is kept who did what, in days.")
    public var auditDays

    @Setting(
        "web.config_trial_seconds", .integer(in: 2...600), default: 60,
        """
        How long a service may take to become ready with a configuration that was changed in the page, in seconds; after it \
        the one before comes back.
        """)
    public var configurationTrialSeconds

    public init() {}

    public func complete(_ reader: ConfigurationReader) {
        if tls == .off, !Self.loopbackNames.contains(bind) {
            reader.report(
                "\($tls.name) is off: \($bind.name) must then be 127.0.0.1, ::1 or localhost, not \(bind)",
                at: $tls.origin)
        }
        if tls == .files, tlsCertificateFile == nil || tlsKeyFile == nil {
            reader.report(
                "\($tls.name) is files: \($tlsCertificateFile.name) and \($tlsKeyFile.name) must name them",
                at: $tls.origin)
        }
    }

    private static let loopbackNames: Set<String> = ["127.0.0.1", "::1", "localhost"]

    /// The section `web`.
    public static let section = ConfigurationSection(
        "web", "The page and API of control-plane.", of: Self.self)
}
