import Configuration
import Glibc
import Lifecycle
public import ServiceHost

/// `aws-provisioner apply`: carries out the plan, and waits for its end.
public enum ApplyCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "apply", arguments: "[--yes] [--no-wait] [--adopt] [OPTIONS]", flags: ["--yes", "--no-wait", "--adopt"],
            summary: "makes the domain, or brings it to what is configured", details: details, run: run)
    }

    private static let details = """
        Shows the plan, asks, and carries it out: makes or changes the domain, waits, writes
        its endpoint for shipper and exporter, and puts into it what events need. It may be
        ended at any time: the next `apply` goes on where this one was, and never makes a
        second domain.

        Options:
          --yes        does not ask; needed where there is no terminal
          --no-wait    ends as soon as AWS works on it; `apply` again does the rest
          --adopt      takes over a domain of this account that ids-suite has not made
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when it is done, 1 when it has failed, 2 for a mistake in the command line
        or the configuration, 3 when somebody has to do something first, 130 after Ctrl-C.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ProvisionerSettings>) -> Int32 {
        do {
            let provisioning = try Provisioning.ofCommand(asked)
            let folder = try StateFolder(asked.settings.domain.stateFolder)
            var plan = try provisioning.plan(adopts: asked.flags.contains("--adopt"))
            plan.measure(by: provisioning)
            writeOut(plan.text + "\n")
            let record = try folder.record()
            try plan.checkCanBegin(after: record)
            guard asked.flags.contains("--yes") || plan.isAgreed(by: record) || agrees(to: plan) else {
                return CommandStatus.needsPerson
            }
            let stop = StopSignal.onSignals()
            let work = DomainWork(
                plan, after: record, adopts: asked.flags.contains("--adopt"),
                waits: !asked.flags.contains("--no-wait"), now: WallClock.seconds())
            let worker = DomainWorker(
                service: provisioning.service, settings: asked.settings.domain, folder: folder,
                display: TerminalDisplay(.output(environment: ConfigurationSources.processEnvironment)),
                stop: stop, prepare: { try provisioning.prepare($0, until: stop, report: tell) })
            switch try worker.carryOut(work, of: plan, usually: plan.usualTime) {
            case .ready:
                let endpoint = try folder.record()?.endpoint ?? ""
                writeOut("Done: the domain \(plan.name) is ready, and events can be sent to \(endpoint).\n")
            case .begun:
                writeOut("AWS works on \(plan.name). `aws-provisioner apply` waits for the end and does the rest.\n")
            case .stopped:
                writeOut(
                    "Not waiting any longer; what was begun goes on at AWS. `aws-provisioner status` shows how far it is, "
                        + "`aws-provisioner apply` does the rest.\n")
                return CommandStatus.interrupted
            }
            return CommandStatus.done
        } catch {
            writeError("aws-provisioner apply: \(error)\n")
            return CommandStatus.of(error)
        }
    }

    /// Tells what is done inside the domain.
    private static func tell(_ event: Preparation.Event) {
        switch event {
        case .began(let step): writeOut("\(step):\n")
        case .ended(let lines): for line in lines { writeOut("  \(line)\n") }
        case .refused(let reason, let minutes): writeOut("  not yet, tried for \(minutes) minutes: \(reason)\n")
        }
    }

    /// Asks the person at the terminal.
    private static func agrees(to plan: DomainPlan) -> Bool {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            writeError(
                "aws-provisioner apply: nothing was done, as there is no terminal to ask at; `--yes` agrees to the plan"
                    + "\n")
            return false
        }
        let question = plan.action == .create ? "Make it? From then on AWS takes money for it." : "Do it?"
        writeOut("\(question) [yes/no] ")
        guard readLine() == "yes" else {
            writeOut("Nothing was done.\n")
            return false
        }
        return true
    }
}
