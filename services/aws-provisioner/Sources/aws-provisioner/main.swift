import AWSProvisioner
import ServiceHost

let command = ServiceCommand(
    "aws-provisioner", summary: "makes a domain of Amazon OpenSearch Service and looks after it",
    examples: ["--set aws.profile=moi33"],
    subcommands: [TestCommand.subcommand])
command.run(Provisioner.make)
