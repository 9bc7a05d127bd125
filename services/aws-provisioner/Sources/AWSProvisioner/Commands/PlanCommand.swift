public import ServiceHost

/// `aws-provisioner plan`: what there is, and what would be made or changed.
public enum PlanCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "plan", arguments: "[--json] [--adopt] [OPTIONS]", flags: ["--json", "--adopt"],
            summary: "shows what would be made or changed at AWS, and what it costs", details: details, run: run)
    }

    private static let details = """
        Asks AWS what there is, and writes nothing, here or there.
          +  is made     ~  is changed     =  stays as it is

        Options:
          --json     prints one JSON object
          --adopt    as if the domain were taken over that ids-suite has not made
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when `apply` could be run, 1 when AWS cannot be asked, 2 for a mistake in
        the command line or the configuration, 3 when somebody has to do something first.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ProvisionerSettings>) -> Int32 {
        do {
            let provisioning = try Provisioning.ofCommand(asked)
            var plan = try provisioning.plan(adopts: asked.flags.contains("--adopt"))
            plan.measure(by: provisioning)
            writeOut(asked.flags.contains("--json") ? plan.json : plan.text)
            guard let obstacle = plan.obstacle else { return CommandStatus.done }
            writeError("\naws-provisioner plan: \(obstacle)\n")
            return CommandStatus.needsPerson
        } catch {
            writeError("aws-provisioner plan: \(error)\n")
            return CommandStatus.of(error)
        }
    }
}
