import ECSTransformer
import RedisStreams
import ServiceHost

let command = ServiceCommand(
    "ecs-transformer", summary: "maps Suricata's events in Redis to documents of Elastic Common Schema",
    examples: ["--set redis.host=redis", "map eve.json", "map --bulk < eve.json"],
    subcommands: [
        Subcommand(
            "map", arguments: MapCommand.arguments, summary: "maps files or standard input, without Redis",
            details: MapCommand.details, run: MapCommand.run)
    ])
let settings = command.load(TransformerServiceSettings.self)
let host = ServiceHost(command, settings.host)

let redis = RedisLink(
    settings: settings.redis, service: host.name, stop: host.stop, logger: host.logger, metrics: host.metrics)
redis.onStateChange = { isReady, reason in
    host.readiness.set("redis", ready: isReady, reason: reason, warning: reason)
}
redis.onLettersChange = { areKept, reason in host.readiness.set("dead_letters", ready: areKept, reason: reason) }

let transformer = ECSTransformer(
    settings.transformer, redis: redis, logger: host.logger, metrics: host.metrics, heartbeat: host.heartbeat)

host.run(transformer)
