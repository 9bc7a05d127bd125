public import Lifecycle
public import Logging
import Pipeline

/// Tells operators how the sink is: by the log once per change, and by the readiness of the process.
public final class SinkWatch {
    private let name: String
    private let readiness: Readiness
    private let logger: Logger
    private var last: SinkHealth?
    private var loggedAt: Int64 = 0

    /// A trouble that changes its words is told again no sooner than this.
    private static let repeatNanoseconds: Int64 = 60_000_000_000

    /// - Parameters:
    ///   - name: the sink, as readiness and log name it.
    ///   - readiness: gets the part of that name.
    ///   - logger: gets a line when the sink begins to wait and when it works again.
    public init(name: String, readiness: Readiness, logger: Logger) {
        self.name = name
        self.readiness = readiness
        self.logger = logger
    }

    /// Takes note of how the sink is now; to be called in every round.
    func observe(_ health: SinkHealth) {
        guard health != last else { return }
        let now = MonotonicClock.nanoseconds()
        switch health {
        case .starting:
            readiness.set(name, ready: false, reason: "not reached yet")
        case .ready:
            readiness.set(name, ready: true)
            if case .waiting? = last { logger.notice("The store works again", ["sink": name]) }
        case .waiting(let reason):
            readiness.set(name, ready: false, reason: reason)
            // Words that differ only by a duration must not fill the log.
            if case .waiting? = last, now - loggedAt < Self.repeatNanoseconds { break }
            loggedAt = now
            logger.warning(
                "Nothing can be stored; batches are kept and tried again", ["sink": name, "reason": reason])
        }
        last = health
    }
}
