public import AWS
public import HTTPClient
import Lifecycle
import OpenSearchBulk
import Pipeline
public import Settings

/// Sets up an OpenSearch while a person waits: one request after the other, to the end or to the first failure.
public struct SetupRun {
    private let client: HTTPClient
    private let endpoint: OpenSearchEndpoint
    private let settings: OpenSearchSettings
    private let session: AWSSession?
    /// Called before each request; what it throws ends the run.
    public var beforeRequest: () throws -> Void = {}

    /// - Parameter session: signs the requests where they are to be signed; nil for one of its own.
    /// - Throws: `HTTPError`: what is wrong with the settings.
    public init(_ settings: OpenSearchSettings, userAgent: String, session: AWSSession? = nil) throws(HTTPError) {
        self.settings = settings
        self.session = settings.auth == .sigv4 ? session ?? settings.session(userAgent: userAgent) : nil
        client = try HTTPClient(try HTTPClient.Options(settings, userAgent: userAgent, session: self.session))
        endpoint = OpenSearchEndpoint(settings.endpoint)
    }

    /// Waits until requests can be signed, where they are to be.
    ///
    /// - Parameter tell: gets one line for the person who waits.
    /// - Throws: `AWSError`.
    public func waitForCredentials(tell: (String) -> Void) throws {
        try session?.waitForCredentials(tell: tell)
    }

    /// Puts what is missing or outdated; in a dry run, finds out what that would be.
    ///
    /// - Returns: the setup with its plan.
    /// - Throws: ``SetupError`` for the first step that fails; `HTTPError` for a request that cannot be sent.
    public func carryOut(_ objects: [ManagedObject], isDryRun: Bool) throws -> OpenSearchSetup {
        let backoff = Backoff(firstMilliseconds: 1, capMilliseconds: 1)
        var setup = OpenSearchSetup(objects, isDryRun: isDryRun, backoff: backoff)
        while let step = setup.takeStep(at: MonotonicClock.nanoseconds()) {
            let sentAt = MonotonicClock.nanoseconds()
            let answer = try answer(to: setup.request(step, to: endpoint))
            setup.answered(answer, to: step, sentAt: sentAt, now: MonotonicClock.nanoseconds())
            if let failure = setup.failure { throw failure }
        }
        return setup
    }

    /// What the next index of each class would look like.
    /// - Throws: `IndexPrefixError`; `HTTPError` for a request that cannot be sent.
    public func previewNextIndexes() throws -> [(index: String, finding: IndexPreview.Finding)] {
        let preview = IndexPreview(try BulkAction(settings), classes: settings.eventClasses)
        return try settings.eventClasses.map { eventClass in
            let index = preview.nextIndex(eventClass)
            return (index, IndexPreview.finding(try answer(to: IndexPreview.request(about: index, to: endpoint))))
        }
    }

    private func answer(to request: ClientRequest) throws -> Result<ClientResponse, HTTPError> {
        try beforeRequest()
        do throws(HTTPError) {
            return .success(try client.answer(to: request))
        } catch {
            if error.code == .unsigned || error.code == .badRequest { throw error }
            return .failure(error)
        }
    }
}
