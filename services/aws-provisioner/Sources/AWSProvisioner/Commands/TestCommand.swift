import AWS
import Configuration
import JSON
import OpenSearch
public import ServiceHost
import Settings

/// `aws-provisioner test`: every link of the way from this machine to the documents, each with a verdict and a remedy.
public enum TestCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "test", arguments: "[--json] [OPTIONS]", flags: ["--json"],
            summary: "looks at the way to OpenSearch: DNS, TLS, clock, credentials, a bulk request", details: details,
            run: run)
    }

    private static let details = """
        Looks at each link by itself and at all of them side by side: whether the name is
        known, whether certificate and name can be trusted and for how long, whether this
        machine's clock is right, who AWS takes this machine for, and whether a document is
        taken; it goes to an index of its own, which is removed again.

        OpenSearch is where aws.endpoint_file says, else where opensearch.endpoint does.

        Options:
          --json       prints one JSON object
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when nothing has failed, 1 when something has, 2 for a mistake in the
        command line or the configuration.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ProvisionerSettings>) -> Int32 {
        let store: DomainStore?
        do throws(EndpointFileError) {
            store = try asked.settings.store()
        } catch {
            writeError("aws-provisioner test: \(error)\n")
            return CommandStatus.failed
        }
        let userAgent = "aws-provisioner/\(asked.version)"
        let settings = store?.settings ?? asked.settings.openSearch
        let checks = ConnectivityChecks(
            settings: settings, isStoreKnown: store != nil, session: settings.session(userAgent: userAgent),
            userAgent: userAgent)
        let isForPeople = !asked.flags.contains("--json")
        if isForPeople, let store { writeOut("\(store.settings.endpoint) (from \(store.origin))\n\n") }
        let report = CheckReport(endpoint: store?.settings.endpoint, results: Check.carryOut(checks.all))
        if isForPeople {
            writeOut(report.text(on: .output(environment: ConfigurationSources.processEnvironment)))
        } else {
            writeOut("\(report.json)\n")
        }
        return report.hasPassed ? CommandStatus.done : CommandStatus.failed
    }
}

/// What all checks together have found.
struct CheckReport {
    let endpoint: String?
    let results: [Check.Result]

    /// Whether nothing has failed.
    var hasPassed: Bool { !results.contains { $0.finding.verdict == .failed } }

    /// For people.
    func text(on terminal: Terminal) -> String {
        var text = ""
        for result in results {
            let verdict = result.finding.verdict
            let colour: Terminal.Colour? =
                switch verdict {
                case .ok: .green
                case .warning: .yellow
                case .failed: .red
                case .skipped: nil
                }
            let time = verdict == .skipped ? "" : "\(result.milliseconds) ms"
            text += terminal.coloured(verdict.rawValue.padded(to: 8), colour)
            text +=
                "\(result.name.rawValue.padded(to: 11)) \(time.padded(to: 8, atEnd: false))  \(result.finding.text)\n"
        }
        let remedies = results.filter { $0.finding.remedy != nil }.map { ($0.name.rawValue, $0.finding.remedy ?? "") }
        // One remedy for several links is told once.
        var told: Set<String> = []
        for (name, remedy) in remedies where told.insert(remedy).inserted { text += "\n\(name): \(remedy)" }
        text += remedies.isEmpty ? "" : "\n"
        return text + "\n\(summary)\n"
    }

    private var summary: String {
        let failed = results.filter { $0.finding.verdict == .failed }.map(\.name.rawValue)
        if !failed.isEmpty { return "failed: \(failed.joined(separator: ", "))" }
        let isWhole = !results.contains { $0.finding.verdict == .skipped }
        return isWhole ? "Events can be sent." : "Nothing has failed, but not everything could be looked at."
    }

    /// For programs.
    var json: String {
        JSONWriter.objectText { json in
            json.member("endpoint", endpoint)
            json.member("passed", hasPassed)
            json.array("checks") { json in
                for result in results {
                    json.object { json in
                        json.member("name", result.name.rawValue)
                        json.member("verdict", result.finding.verdict.rawValue)
                        json.member("milliseconds", result.milliseconds)
                        json.member("finding", result.finding.text)
                        json.member("remedy", result.finding.remedy)
                    }
                }
            }
        }
    }
}
