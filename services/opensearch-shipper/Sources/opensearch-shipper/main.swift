import OpenSearchShipper
import RedisStreams
import ServiceHost

let command = ServiceCommand(
    "opensearch-shipper", summary: "puts ECS documents from Redis into OpenSearch, or into a local SQLite store",
    examples: [
        "--sink sqlite --store /var/lib/ids-suite/events.db", "--set opensearch.endpoint=https://search:9200",
        "setup --dry-run",
    ], subcommands: [SetupCommand.subcommand, SchemaCommand.subcommand])
let settings = command.load(ShipperServiceSettings.self)

let host = ServiceHost(command, settings.host)
let redis = RedisLink(
    settings: settings.redis, service: host.name, stop: host.stop, logger: host.logger, metrics: host.metrics)
redis.onStateChange = { isReady, reason in
    host.readiness.set("redis", ready: isReady, reason: reason, warning: reason)
}
redis.onLettersChange = { areKept, reason in host.readiness.set("dead_letters", ready: areKept, reason: reason) }

host.run(ShipperService(settings, redis: redis, host: host, version: command.version))
