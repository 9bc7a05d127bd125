import Configuration
import Glibc
import HTTPServer
import Lifecycle
import Logging
import ServiceHost
import Settings

// A service that does nothing, in one of the ways in which a service can: what the tests of ServiceHost run.

/// Keys that there are, as the file may hold no others.
struct ProbeSection: SettingsSection {
    enum Behaviour: String, CaseIterable {
        case work, finish, fail, ignoreStop, writeToClosedPipe, servePage
    }

    @Setting("redis.prefix", ValueForm<Behaviour>.choice, default: .work, "What the service does.")
    var behaviour

    @Setting(\ReaderSettings.$httpPort)
    var httpPort

    @Setting(\RedisSettings.$port)
    var pagePort
}

struct ProbeSettings: ServiceSettings {
    let host: HostSettings
    let probe: ProbeSection

    var httpPort: Setting<Int> { probe.$httpPort }

    init(from reader: ConfigurationReader) {
        host = HostSettings(from: reader)
        probe = ProbeSection(from: reader)
    }
}

struct ProbeFault: Error, CustomStringConvertible {
    let description = "the probe was told to fail"
}

struct ProbeService: Service {
    let behaviour: ProbeSection.Behaviour
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
    host.readiness.set("work", ready: settings.probe.behaviour == .work, reason: "the probe does not work")
    if settings.probe.behaviour == .servePage {
        host.serve("the page", setBy: ["port_key": settings.probe.$pagePort.name]) { () throws(HTTPServerError) in
            let page = Route.atOnce(.get, "/") { _ in .whole(ServerResponse(text: "the page")) }
            return try HTTPServer([.tcp(bind: "127.0.0.1", port: settings.probe.pagePort)], router: Router([page]))
        }
    }
    return ProbeService(behaviour: settings.probe.behaviour, heartbeat: host.heartbeat, logger: host.logger)
}
