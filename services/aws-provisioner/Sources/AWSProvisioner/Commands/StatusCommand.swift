import Configuration
import Lifecycle
import OpenSearch
public import ServiceHost
import Settings

/// `aws-provisioner status`: how the domain is, and what goes on with it.
public enum StatusCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "status", arguments: "[--json] [OPTIONS]", flags: ["--json"],
            summary: "shows how the domain is, and how far AWS is with it", details: details, run: run)
    }

    private static let details = """
        Asks AWS and, where it can be reached, the OpenSearch of the domain. Writes nothing.

        Options:
          --json       prints one JSON object
        and those of `run`: --config FILE, --set KEY=VALUE …

        Status: 0 when it could be told how the domain is, 1 when AWS cannot be asked, 2 for a
        mistake in the command line or the configuration, 3 when somebody has to do something
        first.
        """

    /// - Returns: the status of the process.
    private static func run(_ asked: SubcommandRun<ProvisionerSettings>) -> Int32 {
        do {
            let report = try report(asked.settings, version: asked.version)
            writeOut(
                asked.flags.contains("--json")
                    ? report.json : report.text(on: .output(environment: ConfigurationSources.processEnvironment)))
            return CommandStatus.done
        } catch {
            writeError("aws-provisioner status: \(error)\n")
            return CommandStatus.of(error)
        }
    }

    private static func report(_ settings: ProvisionerSettings, version: String) throws -> DomainReport {
        let provisioning = try Provisioning(settings, version: version)
        let (service, name) = (provisioning.service, settings.domain.domainName)
        let principal = try service.principal()
        let status = try service.describe(name)
        let record = try StateFolder.record(in: settings.domain.stateFolder)
        let store = status?.endpoint.map { endpoint in
            Result { try provisioning.storeFacts(at: endpoint) }
        }
        let file = try? EndpointFile(contentsOf: settings.domain.endpointFile)
        return DomainReport(
            name: name, region: service.region, account: principal.account, status: status,
            progress: status.flatMap { service.progress(of: name, $0) },
            record: record?.isAbout(name, in: service.region, of: principal.account) == true ? record : nil,
            store: store, endpointFile: settings.domain.endpointFile,
            isPublished: status?.endpoint != nil && file?.endpoint == status?.endpoint,
            now: WallClock.seconds())
    }
}
