import Lifecycle

/// A point of the monotonic clock at which a wait ends.
struct Deadline: Comparable {
    private(set) var nanoseconds: Int64

    static var now: Deadline { Deadline(nanoseconds: MonotonicClock.nanoseconds()) }

    static func milliseconds(_ milliseconds: Int) -> Deadline {
        Deadline(nanoseconds: MonotonicClock.nanoseconds() + Int64(milliseconds) * 1_000_000)
    }

    func advanced(milliseconds: Int) -> Deadline {
        Deadline(nanoseconds: nanoseconds + Int64(milliseconds) * 1_000_000)
    }

    /// What is left, rounded up so that a wait does not end early and spin; 0 when it has passed.
    var remainingMilliseconds: Int {
        max(0, Int((nanoseconds - MonotonicClock.nanoseconds() + 999_999) / 1_000_000))
    }

    var hasPassed: Bool { MonotonicClock.nanoseconds() >= nanoseconds }

    static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
