import Glibc
import HTTPClient
import HTTPTypes
import Lifecycle
import Pipeline
public import ServiceHost
import Settings

/// `opensearch-shipper setup`: puts the templates and the lifecycle policy into OpenSearch, or says what that would take.
public enum SetupCommand {
    /// The command as the program offers it.
    public static var subcommand: Subcommand {
        Subcommand(
            "setup", arguments: "[--dry-run | --print] [OPTIONS]",
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

    /// Carries out `setup` with what follows it on the command line.
    /// - Returns: the status of the process.
    private static func run(_ words: [String]) -> Int32 {
        let own: Set = ["--dry-run", "--print"]
        let command = ServiceCommand(
            "opensearch-shipper", summary: "", arguments: words.filter { !own.contains($0) })
        let settings = command.load(ShipperServiceSettings.self).openSearch
        let objects = StoreObjects.all(settings)
        if words.contains("--print") {
            for object in objects { print("PUT \(object.path)\n\(object.json)\n") }
            return 0
        }
        do {
            let setup = try carriedOut(
                objects, settings, isDryRun: words.contains("--dry-run"), version: command.version)
            for (object, decision) in zip(setup.objects, setup.plan) { print(decision.text(about: object)) }
            return 0
        } catch {
            let line = Array("opensearch-shipper setup: \(error)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            return 1
        }
    }

    /// Runs the machine to its end, or to the first failure: a person waits, and can try again.
    private static func carriedOut(
        _ objects: [StoreObject], _ settings: OpenSearchSettings, isDryRun: Bool, version: String
    ) throws -> StoreSetup {
        let client = try HTTPClient(StoreRequests.clientOptions(settings, version: version))
        let requests = StoreRequests(endpoint: settings.endpoint)
        var setup = StoreSetup(objects, isDryRun: isDryRun, backoff: Backoff(firstMilliseconds: 1, capMilliseconds: 1))
        while let step = setup.takeStep(at: MonotonicClock.nanoseconds()) {
            let sentAt = MonotonicClock.nanoseconds()
            try client.send(requests.request(step, of: setup), tag: 0)
            var answers: [HTTPCompletion] = []
            while answers.isEmpty { answers = client.poll(milliseconds: 1_000) }
            for answer in answers {
                setup.answered(answer.result, to: step, sentAt: sentAt, now: MonotonicClock.nanoseconds())
            }
            if let trouble = setup.trouble { throw SetupFailure(description: trouble) }
        }
        return setup
    }
}

/// Why the store could not be set up, for people.
private struct SetupFailure: Error, CustomStringConvertible {
    let description: String
}
