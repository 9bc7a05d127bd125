import OpenSearchShipper
import ServiceHost

let command = ServiceCommand(
    "opensearch-shipper", summary: "puts ECS documents from Redis into OpenSearch, or into a local SQLite store",
    examples: [
        "--sink sqlite --store /var/lib/ids-suite/events.db", "--set opensearch.endpoint=https://search:9200",
        "setup --dry-run",
    ],
    subcommands: [SetupCommand.subcommand, SchemaCommand.subcommand])
command.run(Shipper.make)
