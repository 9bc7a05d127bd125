import AWSProvisioner
import ServiceHost

let command = ServiceCommand(
    "aws-provisioner", summary: "makes a domain of Amazon OpenSearch Service and looks after it",
    examples: ["plan --set aws.profile=moi33", "apply --set aws.profile=moi33"],
    subcommands: [
        PlanCommand.subcommand, ApplyCommand.subcommand, StatusCommand.subcommand, TestCommand.subcommand,
        DestroyCommand.subcommand,
    ])
command.run(Provisioner.make)
