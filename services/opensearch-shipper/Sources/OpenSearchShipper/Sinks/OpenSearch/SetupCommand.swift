import EventContract
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
            let isDryRun = words.contains("--dry-run")
            let store = try Store(settings, version: command.version)
            let setup = try store.carryOut(objects, isDryRun: isDryRun)
            for (object, decision) in zip(setup.objects, setup.plan) { print(decision.text(about: object)) }
            if !isDryRun, !setup.hasNewer { try store.lookAtNextIndex(settings) }
            return 0
        } catch {
            let line = Array("opensearch-shipper setup: \(error)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            return 1
        }
    }
}

/// The store, asked one thing after the other.
private struct Store {
    private let client: HTTPClient
    private let requests: StoreRequests

    init(_ settings: OpenSearchSettings, version: String) throws {
        client = try HTTPClient(StoreRequests.clientOptions(settings, version: version))
        requests = StoreRequests(endpoint: settings.endpoint)
    }

    private func answer(to request: ClientRequest) throws -> Result<ClientResponse, HTTPError> {
        try client.send(request, tag: 0)
        while true {
            if let answer = client.poll(milliseconds: 1_000).first { return answer.result }
        }
    }

    /// Runs the machine to its end, or to the first failure: a person waits, and can try again.
    func carryOut(_ objects: [StoreObject], isDryRun: Bool) throws -> StoreSetup {
        var setup = StoreSetup(objects, isDryRun: isDryRun, backoff: Backoff(firstMilliseconds: 1, capMilliseconds: 1))
        while let step = setup.takeStep(at: MonotonicClock.nanoseconds()) {
            let sentAt = MonotonicClock.nanoseconds()
            let answer = try answer(to: requests.request(step, of: setup))
            setup.answered(answer, to: step, sentAt: sentAt, now: MonotonicClock.nanoseconds())
            if let trouble = setup.trouble { throw SetupFailure(description: trouble) }
        }
        return setup
    }

    /// Says how the next index would differ from the templates, if it would.
    func lookAtNextIndex(_ settings: OpenSearchSettings) throws {
        let action = try BulkAction(indexPrefix: settings.indexPrefix, isDataStream: settings.mode == .datastream)
        let index = IndexPreview.nextIndex(action)
        switch IndexPreview.finding(try answer(to: requests.preview(of: index))) {
        case .ours, .streamExists: break
        case .foreign(let how): print("warning \(index) will not be as it should be: \(how); \(IndexPreview.help)")
        case .unknown(let reason): print("warning \(index) cannot be looked at before it is there: \(reason)")
        }
    }
}

/// Why the store could not be set up, for people.
private struct SetupFailure: Error, CustomStringConvertible {
    let description: String
}
