import OpenSearch
public import ServiceHost
import Settings

/// `opensearch-shipper setup`: puts the templates and the lifecycle policy into OpenSearch, or says what that would take.
public enum SetupCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "setup", arguments: "[--dry-run | --print] [OPTIONS]", flags: ["--dry-run", "--print"],
            summary: "puts templates and lifecycle policy into OpenSearch", details: details, run: run)
    }

    private static let details = """
        Looks what OpenSearch has, prints what is to be done about each template and the
        policy, and does it. A newer version than this program's is left alone.

        Options:
          --dry-run    prints the plan and changes nothing
          --print      prints the requests, for whoever has the rights, and asks nobody
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when all is there, 1 when OpenSearch can't be asked or refuses, 2 for a
        mistake in the command line or the configuration. A store without lifecycle
        policies is told, and is no failure.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ShipperServiceSettings>) -> Int32 {
        do {
            let settings = try asked.settings.openSearch.located()
            let objects = ManagedObjects.all(settings)
            if asked.flags.contains("--print") {
                for object in objects { print("PUT \(object.path)\n\(String(decoding: object.json, as: UTF8.self))\n") }
                return 0
            }
            let isDryRun = asked.flags.contains("--dry-run")
            let run = try SetupRun(settings, userAgent: "opensearch-shipper/\(asked.version)")
            try run.waitForCredentials(tell: tell)
            let setup = try run.carryOut(objects, isDryRun: isDryRun)
            for (object, decision) in zip(setup.objects, setup.plan) { print(decision.text(about: object)) }
            if !isDryRun, !setup.hasNewer {
                // How the next indexes would differ from the templates, if they would.
                for warning in try run.previewNextIndexes().compactMap({ $1.warning(about: $0) }) { print(warning) }
            }
            return 0
        } catch {
            tell("\(error)")
            return 1
        }
    }

    private static func tell(_ text: String) {
        writeError("opensearch-shipper setup: \(text)\n")
    }
}
