import Synchronization

/// The sign of life of a loop: it beats in each round, and whoever asks sees how long ago that was.
public final class Heartbeat: Sendable {
    private let clock: MonotonicClock
    private let last: Atomic<Int64>

    /// Creates a heartbeat that has beaten just now.
    public init(clock: MonotonicClock = .machine) {
        self.clock = clock
        last = Atomic(clock.nanoseconds)
    }

    /// To be called by the loop at least every few seconds; costs a few nanoseconds.
    public func beat() {
        last.store(clock.nanoseconds, ordering: .relaxed)
    }

    /// Time since the last beat.
    public var ageNanoseconds: Int64 {
        max(0, clock.nanoseconds - last.load(ordering: .relaxed))
    }
}
