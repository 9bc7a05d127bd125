import HTTPClient
import HTTPTypes
import JSON
import Pipeline

/// Brings the templates and the policy into the store before the first document: looks what is there, decides what is to
/// be done (the plan), and does it. A state machine; whoever owns it sends its requests.
///
/// Without the templates OpenSearch would guess a type for each field from the first document that has it, and no later
/// template could change that for the index. So until they are there no document is sent. Without the policy nothing is
/// wrong with a document: a store that does not do policies is told once, and used without.
struct StoreSetup {
    /// A request to send.
    enum Step: Equatable {
        /// `GET`: what is there under the name of this object?
        case lookUp(Int)
        /// `PUT`: ours, in the place of the revision that was found there, if the store has revisions.
        case put(Int, over: Revision?)
    }

    /// A revision of a document in the store, which only that revision may be replaced by.
    struct Revision: Equatable {
        let sequenceNumber: Int64
        let primaryTerm: Int64
    }

    /// What the objects are, in the order in which they are looked up and put.
    let objects: [StoreObject]
    /// What is to be done about each object that has been looked up, and when ``isFinished``, what has been done.
    private(set) var plan: [StoreDecision] = []
    private let isDryRun: Bool
    private var revisions: [Int: Revision] = [:]
    /// How many of the objects are as planned.
    private var settledCount = 0
    private var isStepInFlight = false
    private var availability: Availability

    /// - Parameters:
    ///   - objects: what the store has to have; nothing when somebody else sees to that.
    ///   - isDryRun: whether to make the plan and nothing else.
    init(_ objects: [StoreObject], isDryRun: Bool = false, backoff: Backoff) {
        self.objects = objects
        self.isDryRun = isDryRun
        availability = Availability(backoff: backoff, requestsInFlightMax: 1)
    }

    /// Whether everything is as it has to be, or in a dry run, whether it is known what that would take.
    var isFinished: Bool { plan.count == objects.count && (isDryRun || settledCount == objects.count) }

    /// Whether a newer program has put something.
    var hasNewer: Bool {
        plan.contains { if case .keepNewer = $0 { true } else { false } }
    }

    /// Why it is not finished yet; nil when it is, or nothing has failed.
    var trouble: String? { availability.trouble }

    /// When the next step may be made, in monotonic nanoseconds; nil while there is nothing to do but to wait.
    var nextDue: Int64? { isFinished || isStepInFlight ? nil : availability.nextAttemptAt }

    /// The step to make at `now`; it is in flight until ``answered(_:to:sentAt:now:)``.
    mutating func takeStep(at now: Int64) -> Step? {
        guard !isFinished, !isStepInFlight, availability.requestsInFlightLimit(at: now) > 0 else { return nil }
        isStepInFlight = true
        return plan.count < objects.count
            ? .lookUp(plan.count) : .put(settledCount, over: revisions[settledCount])
    }

    /// The store has been away and may have come back as another one: look again before the next document.
    mutating func doubt() {
        guard isFinished else { return }
        startOver()
    }

    /// The end of a step.
    mutating func answered(_ result: Result<ClientResponse, HTTPError>, to step: Step, sentAt: Int64, now: Int64) {
        isStepInFlight = false
        switch StoreAnswer(result, to: step, objects: objects) {
        case .found(let mark, let revision):
            let index = plan.count
            revisions[index] = revision
            plan.append(StoreDecision(objects[index], found: mark))
        case .put:
            settledCount += 1
        case .unsupported(let reason):
            let index = if case .put(let index, _) = step { index } else { plan.count }
            plan.removeSubrange(min(index, plan.count)...)
            plan.append(.unsupported(reason: reason))
        case .failed(let reason, let waitSeconds):
            startOver()
            availability.failed(
                reason: reason, now: now, sentAt: sentAt, waitMilliseconds: waitSeconds.map { $0 * 1_000 })
        }
        skipWhatNeedsNothing()
        // A store that can be asked and takes nothing would otherwise be asked over and over without a pause.
        if isFinished { availability.succeeded(sentAt: sentAt) }
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

/// What is to be done about an object.
enum StoreDecision: Equatable {
    /// There is none of that name.
    case create
    /// There is an older one, or one of the same version from other settings.
    case update(from: Int64)
    /// It is there.
    case keep
    /// A newer program has put a newer one: it stays.
    case keepNewer(Int64)
    /// The store does not do such objects, and works without.
    case unsupported(reason: String)

    /// - Parameter found: what the one in the store says of itself; nil when there is none.
    init(_ object: StoreObject, found: StoreMark?) {
        let version = Int64(StoreObject.version)
        guard let found else {
            self = .create
            return
        }
        if found.version > version {
            self = .keepNewer(found.version)
        } else if found.version == version, found.fingerprint == object.fingerprint {
            self = .keep
        } else {
            self = .update(from: found.version)
        }
    }

    /// Whether the object has to be put.
    var needsPut: Bool {
        switch self {
        case .create, .update: true
        case .keep, .keepNewer, .unsupported: false
        }
    }

    /// The decision about `object` in one line.
    func text(about object: StoreObject) -> String {
        let name = "\(object.kind.text) \(object.name)"
        let version = StoreObject.version
        return switch self {
        case .create: "create  \(name), version \(version)"
        case .update(let old) where old == version: "update  \(name), version \(version) of other settings"
        case .update(let old): "update  \(name), version \(version) over version \(old)"
        case .keep: "keep    \(name), version \(version)"
        case .keepNewer(let newer): "keep    \(name), version \(newer) is newer than \(version)"
        case .unsupported(let reason): "leave   \(name): \(reason)"
        }
    }
}
