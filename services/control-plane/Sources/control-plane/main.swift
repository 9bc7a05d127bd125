import ControlPlane
import ServiceHost

let command = ServiceCommand(
    "control-plane", summary: "shows and steers everything from a page",
    examples: ["--set web.bind=127.0.0.1 --set web.tls=off", "setup-code", "reset-password ana"],
    subcommands: AccountCommands.all)
command.run(refused: ControlPlane.refused, ControlPlane.make)
