import Glibc
import HTTPServer
public import Lifecycle
public import Logging
public import Metrics
public import Settings

/// Everything around the work of one process: log, metrics, health over HTTP, signals, the orderly end.
public final class ServiceHost {
    /// A stopping service that is not done after so many seconds is ended by force.
    public static let drainSecondsMax = 10
    /// A loop that gave no sign of life for so many seconds makes `/healthz` fail.
    public static let heartbeatSecondsMax = 30

    /// Name of the service.
    public let name: String
    /// Writes to standard error.
    public let logger: Logger
    /// Shown by `/metrics`; names begin with `ids_` and the service's name.
    public let metrics: MetricsRegistry
    /// Shown by `/readyz`, which is not ready before the first part is set.
    public let readiness = Readiness()
    /// Shown by `/healthz`; the service's loop beats in every round.
    public let heartbeat = Heartbeat()
    /// Set by SIGTERM and SIGINT.
    public let stop = StopSignal()

    private let version: String
    private let settings: HostSettings

    /// Prepares a process; nothing is started before `run`.
    public init(_ command: ServiceCommand, _ settings: HostSettings) {
        name = command.name
        version = command.version
        self.settings = settings
        logger = Logger(service: name, level: settings.logLevel, format: settings.logFormat)
        metrics = MetricsRegistry(prefix: "ids_" + String(name.map { $0 == "-" ? "_" : $0 }))
        SignalWatch.block()
    }

    /// Runs the service until it is done or a signal asks it to stop, and ends the process: status 0, or 1 after a
    /// fault.
    public func run(_ service: any Service) -> Never {
        let watch = SignalWatch(stop: stop, logger: logger, drainSecondsMax: Self.drainSecondsMax)
        let watchThread = DedicatedThread { watch.run() }
        let status = serve(service)
        withExtendedLifetime(watchThread) { exit(status) }
    }

    private func serve(_ service: any Service) -> Int32 {
        let server: HTTPServer
        do throws(HTTPServerError) {
            server = try openServer()
        } catch {
            logger.error(
                "cannot serve metrics and health: \(error); free the port, or set another one",
                ["port_key": settings.httpPortKey, "address_key": HostSettings.Keys.httpBind.name])
            return 1
        }
        // It outlives the service: health is answered until everything is handed over.
        let serverStop = StopSignal()
        let serverThread = DedicatedThread { [logger] in
            do {
                try server.run(until: serverStop)
            } catch {
                logger.error("metrics and health are no longer served", ["reason": "\(error)"])
            }
        }
        defer {
            serverStop.stop()
            serverThread.join()
        }
        logger.info("started", ["version": version, "address": settings.httpBind, "port": server.port])
        do {
            try service.run(until: stop)
        } catch {
            logger.error("ended by a fault", ["reason": "\(error)"])
            return 1
        }
        logger.info("stopped")
        return 0
    }

    private func openServer() throws(HTTPServerError) -> HTTPServer {
        let readyGauge = metrics.gauge("ready", help: "Whether the service can do its work now, 1 or 0.")
        let dropped = metrics.measuredTotal("log_lines_dropped_total", help: "Log lines that nobody read in time.")
        metrics.collect { [readiness, logger] in
            readyGauge.set(readiness.isReady ? 1 : 0)
            dropped.set(Double(logger.linesDropped))
        }
        let endpoints = HealthEndpoints(
            heartbeat: heartbeat, readiness: readiness,
            registries: [metrics, ProcessMetrics.registry(service: name, version: version)])
        // Any client can bring the library to report something, so it is nothing for an operator.
        return try HTTPServer(
            [.tcp(bind: settings.httpBind, port: settings.httpPort)], router: endpoints.router,
            log: { [logger] in logger.debug("the HTTP library reports a fault", ["detail": $0]) })
    }
}
