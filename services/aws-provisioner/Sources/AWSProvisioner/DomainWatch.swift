import AWS
import Lifecycle
import Logging
import Metrics

/// Shows how the domain is to whoever asks the service: in its readiness, its log and its metrics.
final class DomainWatch: WaitingDisplay {
    /// How the domain is; the names are values of a label.
    enum State: String, CaseIterable {
        /// Nobody has asked for one.
        case none
        case creating
        case changing
        case active
        case deleting
        /// It was there, or was asked for, and is not there.
        case missing
        /// AWS cannot be asked, or refuses.
        case unknown
    }

    /// A stage that goes on is logged again after so many milliseconds.
    private static let logMilliseconds = 300_000

    private let readiness: Readiness
    private let heartbeat: Heartbeat
    private let logger: Logger
    private let states: [(state: State, gauge: Gauge)]
    private let stage: Gauge
    private let stageCount: Gauge
    private let changeFailed: Gauge
    private let looks: Counter
    private let looksFailed: Counter
    private let lastLook: Gauge
    private let clockOffset: Gauge
    /// Whether the domain can be used while AWS works on it: a change does not stop it.
    var isUsable = false
    private var told = ""
    private var warned = ""
    private var nextLog = Deadline.now
    private var usually = ""

    init(readiness: Readiness, heartbeat: Heartbeat, logger: Logger, metrics: MetricsRegistry) {
        (self.readiness, self.heartbeat, self.logger) = (readiness, heartbeat, logger)
        states = State.allCases.map { state in
            (
                state,
                metrics.gauge(
                    "domain_state", help: "1 for the state that the domain is in, 0 for the others.",
                    labels: [("state", state.rawValue)])
            )
        }
        stage = metrics.gauge("change_stage", help: "The stage that AWS is at with the domain, from 1; 0 for none.")
        stageCount = metrics.gauge("change_stages", help: "How many stages that work has; 0 for none.")
        changeFailed = metrics.gauge("change_failed", help: "1 when AWS could not make or change the domain, else 0.")
        looks = metrics.counter("looks_total", help: "Looks at the domain.")
        looksFailed = metrics.counter("looks_failed_total", help: "Looks at the domain that failed.")
        lastLook = metrics.gauge(
            "last_look_timestamp_seconds", help: "When AWS has last told how the domain is.")
        clockOffset = metrics.gauge("clock_offset_seconds", help: "How far the clock is behind that of AWS.")
    }

    /// The domain is in a state.
    ///
    /// - Parameters:
    ///   - reason: why events cannot be sent to it, for people; empty for the state `active`.
    ///   - isProblem: whether somebody should do something.
    func show(_ state: State, _ reason: String = "", isProblem: Bool = false) {
        for (other, gauge) in states { gauge.set(other == state ? 1 : 0) }
        readiness.set("domain", ready: state == .active, reason: reason)
        guard told != state.rawValue + reason else { return }
        told = state.rawValue + reason
        switch state {
        case .active: logger.info("the domain is ready", ["state": state.rawValue])
        case _ where isProblem: logger.warning("the domain is not ready", ["state": state.rawValue, "reason": reason])
        default: logger.info("the domain is not ready", ["state": state.rawValue, "reason": reason])
        }
    }

    /// Something should not be so, and is made up for; told once until it is another.
    func warn(_ words: String) {
        // The seconds of a clock that is wrong change from look to look.
        let kind = words.filter { !$0.isNumber }
        if warned != kind { logger.warning("\(words)") }
        warned = kind
    }

    /// A look at the domain has ended.
    ///
    /// - Parameter hasChangeFailed: whether the domain is as it was before a change that AWS has refused.
    func looked(_ error: (any Error)?, clock: ServerClock?, hasChangeFailed: Bool = false) {
        looks.add()
        clockOffset.set(Double(clock?.offsetSeconds ?? 0))
        stage.set(0)
        stageCount.set(0)
        let failure = error as? DomainServiceError
        changeFailed.set(hasChangeFailed || failure?.code == .failed ? 1 : 0)
        if let error {
            looksFailed.add()
            let words = "\(error)".split(separator: "\n").joined(separator: "; ")
            show(failure?.code == .missing ? .missing : .unknown, words, isProblem: true)
        } else {
            lastLook.set(Double(WallClock.nanoseconds()) / 1e9)
        }
    }

    /// Tells what is done inside the domain.
    func show(_ event: Preparation.Event) {
        heartbeat.beat()
        switch event {
        case .began(let step): show(.changing, "the domain is being prepared: \(step)")
        case .ended(let lines): for line in lines { logger.info("prepared", ["what": line]) }
        case .refused(let reason, _): show(.changing, "the domain does not let itself be prepared yet: \(reason)")
        }
    }

    // MARK: - Waiting

    func begin(_ what: String, usually: String) {
        self.usually = usually
        nextLog = .now
        logger.notice(
            "AWS works on the domain; it goes on whatever happens here", ["domain": what, "usually": usually])
    }

    func show(_ report: ProgressReport) {
        heartbeat.beat()
        stage.set(Double(report.stage ?? 0))
        stageCount.set(Double(report.of ?? 0))
        let isNew = !told.contains(report.name)
        let text = report.text(usually: usually)
        let words = "AWS works on it: \(text)"
        for (state, gauge) in states { gauge.set(state == (isUsable ? .changing : .creating) ? 1 : 0) }
        readiness.set("domain", ready: isUsable, reason: words, warning: words)
        guard isNew || nextLog.hasPassed else { return }
        (told, nextLog) = (report.name, .milliseconds(Self.logMilliseconds))
        logger.info("AWS works on the domain", ["stage": text])
    }

    func tick() { heartbeat.beat() }

    func end() {}
}
