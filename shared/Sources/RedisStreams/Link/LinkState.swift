import Lifecycle

/// Whether Redis can be used, learnt from what becomes of the commands: a state machine without input and output.
///
/// After each failure nothing is sent for a while, twice as long from one to the next. A failure is over when Redis has done
/// something that proves it; less would make the state flicker.
struct LinkState {
    /// What a success proves, the least first.
    enum Evidence: Int, Comparable {
        /// A connection was made and Redis has let us in.
        case connected
        /// A command was answered.
        case answered
        /// A command that changes something was carried out.
        case wrote
        /// A command that needs more memory was carried out.
        case stored

        static func < (left: Evidence, right: Evidence) -> Bool { left.rawValue < right.rawValue }

        /// What has to happen before a failure counts as over.
        init(needToForget code: RedisError.Code) {
            self =
                switch code {
                case .outOfMemory: .stored
                case .readOnly, .misconfigured, .other: .wrote
                case .loading, .busy, .notAllowed: .answered
                default: .connected
                }
        }
    }

    private enum Condition {
        /// Nothing has been asked yet.
        case untried
        case usable
        case failing(RedisError, pausedUntil: Deadline)
    }

    private static let firstPauseMilliseconds = 50

    private let clock: MonotonicClock
    private var backoff: Backoff
    private var condition = Condition.untried

    init(backoffMaxMilliseconds: Int, clock: MonotonicClock = .machine) {
        self.clock = clock
        backoff = Backoff(
            firstMilliseconds: min(Self.firstPauseMilliseconds, backoffMaxMilliseconds),
            capMilliseconds: backoffMaxMilliseconds)
    }

    /// Why Redis cannot be used at the moment; nil when it can, or has not been tried.
    var fault: RedisError? {
        if case .failing(let error, _) = condition { error } else { nil }
    }

    /// When the pause after a failure ends; nil when there is none.
    var pauseEnd: Deadline? {
        guard case .failing(_, let end) = condition, end > .now(by: clock) else { return nil }
        return end
    }

    /// A failure begins a pause.
    /// - Returns: whether it is another one than before.
    mutating func fail(_ error: RedisError) -> Bool {
        let isNew = fault?.code != error.code
        let pause = error.reaction == .reconnectSlowly ? backoff.capMilliseconds : backoff.next()
        condition = .failing(error, pausedUntil: Deadline.now(by: clock).advanced(milliseconds: pause))
        return isNew
    }

    /// Redis did what it was asked.
    /// - Returns: whether it can be used from now on, and could not before.
    mutating func succeed(_ evidence: Evidence) -> Bool {
        switch condition {
        case .usable: return false
        case .failing(let error, _) where evidence < Evidence(needToForget: error.code): return false
        case .untried, .failing:
            condition = .usable
            backoff.reset()
            return true
        }
    }
}
