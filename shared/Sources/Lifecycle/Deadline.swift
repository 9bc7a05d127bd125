/// A point of the monotonic clock at which a wait ends.
public struct Deadline: Comparable, Sendable {
    /// The point, in nanoseconds of the monotonic clock.
    public let nanoseconds: Int64

    /// - Parameter nanoseconds: a reading of the monotonic clock.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A deadline that has already passed.
    public static var now: Deadline { now(by: .machine) }

    /// A deadline that has already passed by this clock.
    public static func now(by clock: MonotonicClock) -> Deadline { Deadline(nanoseconds: clock.nanoseconds) }

    /// So many milliseconds from now; what lies beyond the clock's end is its end.
    public static func milliseconds(_ milliseconds: Int) -> Deadline {
        now.advanced(milliseconds: milliseconds)
    }

    /// So many milliseconds later.
    public func advanced(milliseconds: Int) -> Deadline {
        let (distance, isTooFar) = Int64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
        let (sum, isBeyond) = nanoseconds.addingReportingOverflow(distance)
        guard !isTooFar, !isBeyond else { return Deadline(nanoseconds: milliseconds > 0 ? .max : .min) }
        return Deadline(nanoseconds: sum)
    }

    /// What is left, rounded up so that a wait does not end early and spin; 0 when it has passed.
    public var remainingMilliseconds: Int {
        remainingMilliseconds(at: MonotonicClock.nanoseconds())
    }

    /// What is left at a reading of the monotonic clock, rounded up so that a wait does not end early and spin.
    public func remainingMilliseconds(at now: Int64) -> Int {
        let (left, isFar) = nanoseconds.subtractingReportingOverflow(now)
        guard !isFar else { return nanoseconds > now ? .max : 0 }
        return left <= 0 ? 0 : Int((left - 1) / 1_000_000 + 1)
    }

    /// Whether the wait is over.
    public var hasPassed: Bool { MonotonicClock.nanoseconds() >= nanoseconds }

    /// Earlier is less.
    public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
