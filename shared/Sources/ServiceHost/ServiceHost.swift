import Configuration
import Glibc
public import HTTPServer
public import Lifecycle
public import Logging
public import Metrics
import Settings

/// Everything around the work of one process: log, metrics, health over HTTP, signals, orderly shutdown.
public final class ServiceHost {
    /// A service that has not stopped after so many seconds is ended by force.
    public static let drainSecondsMax = 10
    /// `/healthz` fails when the last heartbeat of the loop is more than so many seconds old.
    public static let heartbeatSecondsMax = 30

    /// Name of the service.
    public let name: String
    /// Version of the service.
    public let version: String
    /// The log, on standard error.
    public let logger: Logger
    /// The metrics that `/metrics` shows; names begin with `ids_` and the service's name.
    public let metrics: MetricsRegistry
    /// The parts that `/readyz` shows; it is not ready before the first one is set.
    public let readiness = Readiness()
    /// The heartbeat that `/healthz` checks; the service's loop beats in every round.
    public let heartbeat = Heartbeat()
    /// Set by SIGTERM and SIGINT.
    public let stop = StopSignal()

    /// Where the configuration file is, or would be looked for.
    public let configurationPath: String

    private let settings: HostSettings
    private let port: Setting<Int>
    private let origins: SettingOrigins
    private var servers: [Served] = []

    /// Prepares a process; `run` starts it.
    init(_ command: ServiceCommand, _ settings: some ServiceSettings, _ reader: ConfigurationReader) {
        name = command.name
        version = command.version
        configurationPath = ServiceCommand.path(of: reader)
        origins = SettingOrigins(reader)
        port = settings.httpPort
        let settings = settings.host
        self.settings = settings
        logger = Logger(service: name, level: settings.logLevel, format: settings.logFormat)
        metrics = MetricsRegistry(prefix: "ids_" + String(name.map { $0 == "-" ? "_" : $0 }))
        SignalWatch.block()
    }

    /// Serves more than metrics and health for as long as the service runs: a page, an API, a socket for other processes. To
    /// be called before the service runs; a server that cannot be opened ends the process.
    ///
    /// - Parameters:
    ///   - what: its name in the log, such as `the page`.
    ///   - keys: the configuration keys that say where it is served, to be named when it cannot be opened.
    ///   - open: makes the server.
    public func serve(
        _ what: String, setBy keys: Logger.Fields, by open: @escaping () throws(HTTPServerError) -> HTTPServer
    ) {
        servers.append(Served(what: what, keys: keys, open: open))
    }

    /// Makes the service, runs it until it is done or a signal asks it to stop, and ends the process: status 0, or 1
    /// after a fault.
    func run(_ make: (ServiceHost) throws -> any Service) -> Never {
        let watch = SignalWatch(stop: stop, logger: logger, drainSecondsMax: Self.drainSecondsMax)
        let watchThread = DedicatedThread { watch.run() }
        let status = status(of: make)
        withExtendedLifetime(watchThread) { exit(status) }
    }

    private func status(of make: (ServiceHost) throws -> any Service) -> Int32 {
        do {
            let service = try make(self)
            guard let threads = serveAll() else { return 1 }
            // They outlive the service: health is answered until everything is handed over.
            defer { threads.forEach { $0.stop() } }
            try service.run(until: stop)
        } catch {
            logger.error("ended by a fault", ["reason": "\(error)"])
            return 1
        }
        logger.info("stopped")
        return 0
    }

    /// Opens all servers, and then lets each answer on a thread of its own.
    /// - Returns: nil when one cannot be opened, which is logged.
    private func serveAll() -> [ServingThread]? {
        var opened: [(what: String, server: HTTPServer)] = []
        let health = Served(
            what: "metrics and health",
            keys: ["port_key": port.name, "address_key": settings.$httpBind.name], open: openHealth)
        for served in [health] + servers {
            do throws(HTTPServerError) {
                opened.append((served.what, try served.open()))
            } catch {
                logger.error(
                    "cannot serve \(served.what): \(error); free the port, or set another one", served.keys)
                return nil
            }
        }
        let port = opened[0].server.port
        logger.info("started", ["version": version, "address": settings.httpBind, "port": port])
        return opened.map { ServingThread($0.server, of: $0.what, readiness: readiness, logger: logger) }
    }

    private func openHealth() throws(HTTPServerError) -> HTTPServer {
        let readyGauge = metrics.gauge("ready", help: "Whether the service can do its work now, 1 or 0.")
        let dropped = metrics.measuredTotal("log_lines_dropped_total", help: "Log lines that nobody read in time.")
        metrics.collect { [readiness, logger] in
            readyGauge.set(readiness.isReady ? 1 : 0)
            dropped.set(Double(logger.linesDropped))
        }
        let endpoints = HealthEndpoints(
            heartbeat: heartbeat, readiness: readiness, origins: origins,
            registries: [metrics, ProcessMetrics.registry(service: name, version: version)])
        return try HTTPServer(
            [.tcp(bind: settings.httpBind, port: port.wrappedValue)], router: endpoints.router,
            log: { [logger] in logger.warning("metrics and health: a fault", ["detail": $0]) },
            libraryLog: { [logger] in logger.debug("the HTTP library reports a fault", ["detail": $0]) })
    }
}

/// One of the things that a process serves.
private struct Served {
    let what: String
    let keys: Logger.Fields
    let open: () throws(HTTPServerError) -> HTTPServer
}

/// A server that answers on a thread of its own.
private struct ServingThread {
    private let signal = StopSignal()
    private let thread: DedicatedThread

    init(_ server: HTTPServer, of what: String, readiness: Readiness, logger: Logger) {
        thread = DedicatedThread { [signal] in
            do {
                try server.run(until: signal)
            } catch {
                logger.error("\(what): no longer served", ["reason": "\(error)"])
                readiness.set("served", ready: false, reason: "\(what): \(error)")
            }
        }
    }

    /// Returns when everything that was under way is answered.
    func stop() {
        signal.stop()
        thread.join()
    }
}
