/// Something that is due again and again: at first at once, then some time after it was done.
public struct Interval: Sendable {
    private let milliseconds: Int
    private let clock: MonotonicClock
    /// When it is due next.
    public private(set) var due: Deadline

    /// - Parameters:
    ///   - milliseconds: the time from one turn to the next.
    ///   - clock: what measures it.
    public init(milliseconds: Int, clock: MonotonicClock = .machine) {
        self.milliseconds = milliseconds
        self.clock = clock
        due = .now(by: clock)
    }

    /// Whether it is due.
    public var isDue: Bool { clock.nanoseconds >= due.nanoseconds }

    /// How long until it is due, in milliseconds, rounded up; 0 when it is.
    public var remainingMilliseconds: Int { due.remainingMilliseconds(at: clock.nanoseconds) }

    /// It was done: it is due again when the whole time has passed from now on.
    public mutating func restart() {
        due = Deadline.now(by: clock).advanced(milliseconds: milliseconds)
    }

    /// It was done: it is due again the whole time after it was due, so that its turns do not drift. One that is late by
    /// more than that is due at once, and its plan begins there.
    public mutating func restartByPlan() {
        due = max(due.advanced(milliseconds: milliseconds), .now(by: clock))
    }

    /// Takes a turn, if it is due.
    /// - Returns: whether it was.
    public mutating func restartIfDue() -> Bool {
        guard isDue else { return false }
        restart()
        return true
    }

    /// Something has happened that it is to be done for at once.
    public mutating func makeDue() {
        due = .now(by: clock)
    }
}
