import HTTPClient
import JSON
import Pipeline

/// Brings the index template into the store before the first document: looks whether one of this version or a newer one
/// is there, and puts ours where not. A state machine; the sink sends its requests.
///
/// Without the template OpenSearch would guess a type for each field from the first document that has it, and no later
/// template could change that for the index. So until it is there no document is sent.
struct TemplateInstallation {
    /// A request to send.
    enum Step: Equatable {
        /// `GET`: which version is there?
        case lookUp
        /// `PUT`: ours.
        case create
    }

    private enum State {
        case unknown
        case absent
        case installed
    }

    let template: IndexTemplate
    private var state: State
    private var isStepInFlight = false
    private var availability: Availability

    /// - Parameter isManaged: whether the template is this program's business; if not it counts as installed.
    init(_ template: IndexTemplate, isManaged: Bool, backoff: Backoff) {
        self.template = template
        state = isManaged ? .unknown : .installed
        availability = Availability(backoff: backoff, requestsInFlightMax: 1)
    }

    var isInstalled: Bool { state == .installed }

    /// Why it is not installed yet; nil when it is, or nothing has failed.
    var trouble: String? { availability.trouble }

    /// When the next step may be made, in monotonic nanoseconds; nil while there is nothing to do but to wait.
    var nextDue: Int64? { isInstalled || isStepInFlight ? nil : availability.nextAttemptAt }

    /// The step to make at `now`; it is in flight until ``answered(_:to:sentAt:now:)``.
    mutating func takeStep(at now: Int64) -> Step? {
        guard !isInstalled, !isStepInFlight, availability.requestsInFlightLimit(at: now) > 0 else { return nil }
        isStepInFlight = true
        return state == .absent ? .create : .lookUp
    }

    /// The store has been away and may have come back as another one: look again before the next document.
    mutating func doubt() {
        if isInstalled { state = .unknown }
    }

    /// The end of a step.
    mutating func answered(
        _ result: Result<HTTPResponse, HTTPError>, to step: Step, sentAt: Int64, now: Int64
    ) {
        isStepInFlight = false
        switch Self.reading(result, of: step) {
        case .moved(let next):
            state = next
            availability.succeeded(sentAt: sentAt)
        case .failed(let reason, let waitSeconds):
            state = .unknown
            availability.failed(
                reason: "the index template cannot be \(step == .lookUp ? "looked up" : "created"): \(reason)",
                now: now,
                sentAt: sentAt, waitMilliseconds: waitSeconds.map { $0 * 1_000 })
        }
    }

    private enum Reading {
        case moved(State)
        case failed(reason: String, waitSeconds: Int?)
    }

    private static func reading(_ result: Result<HTTPResponse, HTTPError>, of step: Step) -> Reading {
        switch result {
        case .failure(let error): .failed(reason: error.description, waitSeconds: nil)
        case .success(let response):
            response.body.withUnsafeBytes { body in
                var tree = JSONTree()
                let root = try? tree.parse(body)
                switch (step, response.status) {
                case (.lookUp, 404): return .moved(.absent)
                case (.lookUp, 200) where root?.kind == .object:
                    return .moved(version(in: root) >= Int64(IndexTemplate.version) ? .installed : .absent)
                case (.create, 200) where root?["acknowledged"]?.bool == true: return .moved(.installed)
                case (_, 200): return .failed(reason: "the answer is not OpenSearch's", waitSeconds: nil)
                default:
                    let error = ServerError(of: root, status: response.status)
                    return .failed(reason: error.advice, waitSeconds: response.retryAfterSeconds)
                }
            }
        }
    }

    /// The version of the template that the answer to a look-up describes; 0 when it has none of ours.
    private static func version(in root: JSONNode?) -> Int64 {
        guard let templates = root?["index_templates"] else { return 0 }
        var elements = templates.elements
        return elements.next()?["index_template"]?["_meta"]?["version"]?.int64 ?? 0
    }
}
