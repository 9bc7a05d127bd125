import Configuration
import Glibc
import HTTPServer
import Lifecycle
import Logging
import ServiceHost
import Settings

// A service that does nothing, in one of the ways in which a service can: what the tests of ServiceHost run.

struct ProbeSettings: ServiceSettings {
    enum Behaviour: String, CaseIterable {
        case work, finish, fail, ignoreStop, writeToClosedPipe, servePage
    }

    enum Keys {
        static let behaviour = ConfigurationKey(
            "redis.prefix", ValueForm<Behaviour>.choice, default: .work, "What the service does.")
    }

    let host: HostSettings
    let behaviour: Behaviour
    let pagePort: Int

    init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader, port: ReaderSettings.Keys.httpPort)
        behaviour = reader.value(of: Keys.behaviour)
        pagePort = reader.value(of: RedisSettings.Keys.port)
    }
}

struct ProbeFault: Error, CustomStringConvertible {
    let description = "the probe was told to fail"
}

struct ProbeService: Service {
    let behaviour: ProbeSettings.Behaviour
    let heartbeat: Heartbeat
    let logger: Logger

    func run(until stop: StopSignal) throws {
        switch behaviour {
        case .work, .servePage:
            while !stop.wait(milliseconds: 100) { heartbeat.beat() }
            logger.info("handed over")
        case .finish: return
        case .fail: throw ProbeFault()
        case .ignoreStop:
            while true { sleep(60) }
        case .writeToClosedPipe:
            var ends: [Int32] = [-1, -1]
            pipe(&ends)
            close(ends[0])
            let count = write(ends[1], "x", 1)
            logger.info("wrote", ["count": count, "is_broken_pipe": errno == EPIPE])
        }
    }
}

let command = ServiceCommand(
    "service-host-probe", summary: "does nothing", examples: ["--set log.level=debug"],
    subcommands: [
        Subcommand("echo", arguments: "[WORD…]", summary: "prints its words") { words in
            print(words.joined(separator: " "))
            return words.isEmpty ? 1 : 0
        }
    ])
command.run { (settings: ProbeSettings, host) in
    host.metrics.counter("events_total", help: "Events of the probe.").add(7)
    host.readiness.set("work", ready: settings.behaviour == .work, reason: "the probe does not work")
    if settings.behaviour == .servePage {
        host.serve("the page", setBy: ["port_key": RedisSettings.Keys.port.name]) { () throws(HTTPServerError) in
            let page = Route.atOnce(.get, "/") { _ in .whole(ServerResponse(text: "the page")) }
            return try HTTPServer([.tcp(bind: "127.0.0.1", port: settings.pagePort)], router: Router([page]))
        }
    }
    return ProbeService(behaviour: settings.behaviour, heartbeat: host.heartbeat, logger: host.logger)
}
