import EveReader
import RedisStreams
import ServiceHost

let command = ServiceCommand(
    "eve-reader", summary: "follows Suricata's EVE output and writes it to Redis in batches",
    examples: ["--eve /mnt/ram_logs/eve.json", "--eve capture/eve.json --once"])
let settings = command.load(ReaderServiceSettings.self)
let host = ServiceHost(command, settings.host)

let redis = RedisLink(
    settings: settings.redis, service: host.name, stop: host.stop, logger: host.logger, metrics: host.metrics)

let reader = EveReader(
    settings.reader, sensor: settings.sensor.name, link: redis, logger: host.logger, metrics: host.metrics,
    readiness: host.readiness, heartbeat: host.heartbeat)

host.run(reader)
