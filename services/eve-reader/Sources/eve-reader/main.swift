import EveReader
import ServiceHost

let command = ServiceCommand(
    "eve-reader", summary: "follows Suricata's EVE output and writes it to Redis in batches",
    examples: ["--eve /mnt/ram_logs/eve.json", "--eve capture/eve.json --once"])
command.run(EveReader.make)
