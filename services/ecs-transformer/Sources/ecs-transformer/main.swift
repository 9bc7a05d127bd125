import ECSTransformer
import ServiceHost

let command = ServiceCommand(
    "ecs-transformer", summary: "maps Suricata's events in Redis to documents of Elastic Common Schema",
    examples: ["--set redis.host=redis", "map eve.json", "map --bulk < eve.json"],
    subcommands: [MapCommand.subcommand])
command.run(ECSTransformer.make)
