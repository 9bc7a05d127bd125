import MetricsExporter
import RedisStreams
import ServiceHost

let command = ServiceCommand(
    "metrics-exporter", summary: "shows where events are, and Suricata's own counters, to Prometheus",
    examples: ["--set redis.host=redis", "--set metrics_exporter.opensearch=true"])
let settings = command.load(MetricsExporterServiceSettings.self)
let host = ServiceHost(command, settings.host)

let redis = RedisLink(
    settings: settings.redis, service: host.name, stop: host.stop, logger: host.logger, metrics: host.metrics)
redis.onStateChange = { isReady, reason in
    host.readiness.set("redis", ready: isReady, reason: reason, warning: reason)
}

let exporter = MetricsExporter(
    settings.exporter, openSearch: settings.openSearch, redis: redis, version: command.version, logger: host.logger,
    metrics: host.metrics, heartbeat: host.heartbeat)

host.run(exporter)
