public import Lifecycle
public import Logging
import Pipeline

/// Reports the state of the sink to operators: in the log once per change, and by the readiness of the process.
public final class SinkWatch {
    private let name: String
    private let readiness: Readiness
    private let logger: Logger
    private var last: SinkHealth?
    /// The failure that was logged and whose end was not.
    private var toldReason: String?
    private var toldAt: Int64?

    /// A store that keeps failing and recovering, or a failure whose wording changes, is not logged again before this.
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

    /// Records how the sink is now; to be called in every round.
    ///
    /// - Parameter now: the monotonic time, in nanoseconds.
    func observe(_ health: SinkHealth, now: Int64 = MonotonicClock.nanoseconds()) {
        if health != last { publish(health) }
        last = health
        switch health {
        case .starting: break
        case .ready:
            if toldReason != nil { logger.notice("The store works again", ["sink": name]) }
            toldReason = nil
        case .waiting(let reason):
            if reason == toldReason { break }
            if let toldAt, now - toldAt < Self.repeatNanoseconds { break }
            (toldReason, toldAt) = (reason, now)
            logger.warning(
                "Nothing can be stored; batches are kept and tried again", ["sink": name, "reason": reason])
        }
    }

    private func publish(_ health: SinkHealth) {
        switch health {
        case .starting: readiness.set(name, ready: false, reason: "not reached yet")
        case .ready: readiness.set(name, ready: true)
        case .waiting(let reason): readiness.set(name, ready: false, reason: reason)
        }
    }
}
