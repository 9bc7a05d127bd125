public import HTTPClient
import HTTPTypes
public import Lifecycle
import Pipeline

/// Puts the templates and the policy into the store before the first document: looks up what is there, decides what to do
/// (the plan), and does it. A state machine; whoever owns it sends its requests.
///
/// Without the templates OpenSearch would guess a type for each field from the first document that has it, and no later
/// template could change that for the index. So until they are there no document is sent. Without policies nothing is
/// wrong with a document: a store without support for them is logged once, and used without. It has all of them or none,
/// as the indexes of a policy that is not there would get that of another class, and go at the age of that.
public struct OpenSearchSetup {
    /// A request to send.
    public enum Step: Equatable {
        /// `GET`: what the store has under the name of this object.
        case lookUp(Int)
        /// `PUT`: our object, replacing the revision that was found, if the store has revisions.
        case put(Int, over: Revision?)
    }

    /// The revision of an object in the store; a `PUT` that names it fails if the object has changed since.
    public struct Revision: Equatable {
        let sequenceNumber: Int64
        let primaryTerm: Int64
    }

    /// The objects, in the order in which they are looked up and put.
    public let objects: [ManagedObject]
    /// The decision about each object that has been looked up; when ``isFinished``, what has been done.
    public private(set) var plan: [SetupDecision] = []
    private let isDryRun: Bool
    private var revisions: [Int: Revision] = [:]
    /// How many of the objects are as planned.
    private var settledCount = 0
    private var isStepInFlight = false
    private var availability: Availability
    /// How often a policy was not to be had because of a fault of the store, which may pass.
    private var faultCount = 0
    /// What the last failed step could not do; nil when none has failed since everything was last in order.
    public private(set) var failure: SetupError?

    /// A store that has a fault for a minute is waited for; one that always has is used without policies.
    static let faultsMax = 8

    /// - Parameters:
    ///   - objects: what the store must have; empty when it is managed elsewhere.
    ///   - isDryRun: whether to make the plan only.
    public init(_ objects: [ManagedObject], isDryRun: Bool = false, backoff: Backoff) {
        self.objects = objects
        self.isDryRun = isDryRun
        availability = Availability(backoff: backoff, requestsInFlightMax: 1)
    }

    /// Whether everything is in order, or in a dry run, whether the plan is complete.
    public var isFinished: Bool { plan.count == objects.count && (isDryRun || settledCount == objects.count) }

    /// Whether a newer version of the program has put an object.
    public var hasNewer: Bool {
        plan.contains { if case .keepNewer = $0 { true } else { false } }
    }

    /// Why it is not finished yet; nil when it is, or nothing has failed.
    public var trouble: String? { failure?.description }

    /// When the next step may be made, in monotonic nanoseconds; nil while there is nothing to do but wait.
    public var nextDue: Int64? { isFinished || isStepInFlight ? nil : availability.nextAttemptAt }

    /// The request of a step.
    public func request(_ step: Step, to endpoint: OpenSearchEndpoint) -> ClientRequest {
        switch step {
        case .lookUp(let index):
            return ClientRequest(.get, endpoint.url(objects[index].path))
        case .put(let index, let revision):
            let object = objects[index]
            let query = revision.map { "?if_seq_no=\($0.sequenceNumber)&if_primary_term=\($0.primaryTerm)" }
            return ClientRequest(
                .put, endpoint.url(object.path + (query ?? "")), fields: ["content-type": "application/json"],
                body: BytesBody(object.json))
        }
    }

    /// The step to make at `now`; it is in flight until ``answered(_:to:sentAt:now:)``.
    public mutating func takeStep(at now: Int64) -> Step? {
        guard !isFinished, !isStepInFlight, availability.requestsInFlightLimit(at: now) > 0 else { return nil }
        isStepInFlight = true
        return plan.count < objects.count
            ? .lookUp(plan.count) : .put(settledCount, over: revisions[settledCount])
    }

    /// The store was away and may have come back as another one: its objects are looked up again before the next document.
    public mutating func doubt() {
        guard isFinished else { return }
        startOver()
    }

    /// The end of a step.
    public mutating func answered(_ result: Result<ClientResponse, HTTPError>, to step: Step, sentAt: Int64, now: Int64)
    {
        isStepInFlight = false
        var answer = SetupAnswer(result, to: step, objects: objects)
        if case .faulty(let failure, let waitSeconds) = answer {
            faultCount += 1
            answer =
                faultCount < Self.faultsMax
                ? .failed(failure, waitSeconds: waitSeconds) : .unsupported(reason: failure.description)
        }
        switch answer {
        case .found(let mark, let revision):
            let index = plan.count
            revisions[index] = revision
            plan.append(SetupDecision(objects[index], found: mark))
        case .put:
            settledCount += 1
        case .unsupported(let reason):
            let index = if case .put(let index, _) = step { index } else { plan.count }
            plan.removeSubrange(min(index, plan.count)...)
            plan += objects[plan.count...].map { _ in .unsupported(reason: reason) }
        case .faulty(let failure, let waitSeconds), .failed(let failure, let waitSeconds):
            startOver()
            self.failure = failure
            availability.failed(
                reason: failure.description, now: now, sentAt: sentAt,
                waitMilliseconds: waitSeconds.map { $0 * 1_000 })
        }
        skipWhatNeedsNothing()
        // A store that answers look-ups but refuses every change would otherwise be asked over and over without a pause.
        guard isFinished else { return }
        availability.succeeded(sentAt: sentAt)
        (failure, faultCount) = (nil, 0)
    }

    private mutating func skipWhatNeedsNothing() {
        guard plan.count == objects.count else { return }
        while settledCount < plan.count, !plan[settledCount].needsPut { settledCount += 1 }
    }

    private mutating func startOver() {
        plan = []
        revisions = [:]
        settledCount = 0
    }
}
