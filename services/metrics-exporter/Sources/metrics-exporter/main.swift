import MetricsExporter
import ServiceHost

let command = ServiceCommand(
    "metrics-exporter", summary: "shows where events are, and Suricata's own counters, to Prometheus",
    examples: ["--set redis.host=redis", "--set metrics_exporter.opensearch=true"])
command.run(MetricsExporter.make)
