import APIDescription
public import Configuration
import HTTPServer
import Lifecycle
import Logging
public import ServiceHost
public import Settings

/// The settings of `control-plane`.
public struct ControlPlaneSettings: ServiceSettings {
    /// The log, and where metrics and health are served.
    public let host: HostSettings
    /// Where page and API are served, and to whom.
    public let web: WebSettings
    /// What the live map shows.
    public let map: MapSettings
    /// Where the events are.
    public let store: SQLiteSettings
    /// How the Redis of the pipeline is reached.
    public let redis: RedisSettings
    /// Where more events are: those that were sent away.
    public let openSearch: OpenSearchSettings
    /// What is watched of the pipeline.
    public let pipeline: PipelineSettings
    /// How often a canary is to be expected.
    public let canary: CanarySettings

    /// Its own key.
    public var httpPort: Setting<Int> { web.$httpPort }

    /// Reads all of it.
    public init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader)
        web = WebSettings(from: reader)
        map = MapSettings(from: reader)
        store = SQLiteSettings(from: reader)
        redis = RedisSettings(from: reader)
        openSearch = OpenSearchSettings(from: reader)
        pipeline = PipelineSettings(from: reader)
        canary = CanarySettings(from: reader)
    }
}

extension ControlPlane {
    /// The service as a process runs it.
    public static func make(_ settings: ControlPlaneSettings, host: ServiceHost) throws -> ControlPlane {
        let web = settings.web
        try DataFolder.prepare(web.dataDirectory)
        let agent = AgentClient(socket: web.agentSocket)
        // Before anything that a configuration could keep from starting.
        let configuration = try ConfigurationKeeper(
            path: host.configurationPath, folder: web.revisionsDirectory,
            patienceSeconds: web.configurationTrialSeconds,
            watch: ServicesWatch(services: settings.pipeline.services + [settings.ownAddress]),
            restarts: AgentRestarts(agent: agent), logger: host.logger)
        let accounts = try Accounts(Accounts.Options(web), logger: host.logger, metrics: host.metrics)
        try accounts.prepareFirstStart(password: web.adminPassword.reveal())
        let names = HostNames(web)
        let identity = try ServerIdentity(web, names: names, logger: host.logger)
        let pages = Pages(reading: web.pagesDirectory, logger: host.logger)
        let events = try Events(
            store: settings.store.path, folder: web.dataDirectory,
            cloud: CloudEvents(settings.openSearch, version: host.version, logger: host.logger),
            audit: accounts.audit, logger: host.logger)
        let map = LiveMapService(settings, events.readers, accounts, host: host)
        let letters = DeadLetterQueue(redis: PipelineRedis(settings.redis, host: host))
        let watch = PipelineWatch(
            settings.pipeline, canaryMilliseconds: settings.canary.intervalMilliseconds,
            own: settings.ownAddress,
            disks: [("Event store", settings.store.path), ("Control plane", web.dataDirectory)],
            readers: events.readers, userAgent: "\(host.name)/\(host.version)", logger: host.logger)
        // What the API is: one list of operations for each area.
        let operations =
            AccountsAPI(accounts).operations + events.api.operations
            + DeadLettersAPI(queue: letters, audit: accounts.audit).operations
            + AgentAPI(agent: agent, accounts: accounts).operations + map.api.operations
            + ConfigurationAPI(keeper: configuration, accounts: accounts).operations
            + PipelineAPI(watch: watch).operations
        let site = Site(
            web, names: names.names, version: host.version, accounts: accounts, operations: operations,
            others: map.api.routes + pages.routes + [
                HealthAPI(readiness: host.readiness, pages: pages).route, identity.route,
            ])
        host.serve("the page and the API", setBy: ["port_key": web.$port.name, "address_key": web.$bind.name]) {
            () throws(HTTPServerError) in
            try site.open(web.port, identity.files, logger: host.logger)
        }
        if let port = settings.map.port {
            host.serve("the live map", setBy: ["port_key": settings.map.$port.name]) { () throws(HTTPServerError) in
                try site.open(port, identity.files, home: "/map?alone", logger: host.logger)
            }
        }
        return ControlPlane(
            accounts: accounts, events: events, watch: watch, map: map, configuration: configuration,
            identity: identity,
            site: site, readiness: host.readiness, heartbeat: host.heartbeat, logger: host.logger)
    }
}

extension ControlPlane {
    /// What is left to do when the settings themselves keep the service from starting: a configuration on trial that does that
    /// goes away by itself, like any other.
    public static func refused(_ settings: ControlPlaneSettings, path: String) {
        let logger = Logger(service: "control-plane", level: settings.host.logLevel, format: settings.host.logFormat)
        do {
            let folder = try RevisionFolder(settings.web.revisionsDirectory)
            try ConfigurationKeeper.countStart(path: path, folder: folder, logger: logger)
        } catch {
            logger.warning("the configuration was refused", ["reason": "\(error)"])
        }
    }
}

extension WebSettings {
    fileprivate var revisionsDirectory: String { dataDirectory + "/configuration" }
}

extension ControlPlaneSettings {
    /// Where this process itself shows its health.
    fileprivate var ownAddress: ServiceAddress {
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][host.httpBind] ?? host.httpBind
        return ServiceAddress(name: ConfigurationKeeper.ownService, host: host, port: web.httpPort)
    }
}

extension Accounts.Options {
    init(_ web: WebSettings) {
        self.init(
            folder: web.dataDirectory, sessionIdleSeconds: Int64(web.sessionIdleMinutes) * 60,
            sessionAgeSeconds: Int64(web.sessionAgeDays) * 86_400, isEncrypted: web.tls != .off,
            port: web.publicPort, auditDays: web.auditDays)
    }
}
