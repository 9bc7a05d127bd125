import Glibc

/// Time for deadlines and durations: never set back, counts while the machine is awake.
///
/// What measures time takes a clock, which is the machine's unless a test hands over one that it turns by hand.
public struct MonotonicClock: Sendable {
    /// The clock of this machine (`CLOCK_MONOTONIC`).
    public static let machine = MonotonicClock { read(CLOCK_MONOTONIC) }

    private let reading: @Sendable () -> Int64

    /// - Parameter reading: gives nanoseconds since an arbitrary point, never fewer than before.
    public init(reading: @escaping @Sendable () -> Int64) {
        self.reading = reading
    }

    /// Nanoseconds since an arbitrary point.
    public var nanoseconds: Int64 { reading() }

    /// Nanoseconds since an arbitrary point of this boot, by the clock of this machine.
    public static func nanoseconds() -> Int64 {
        read(CLOCK_MONOTONIC)
    }
}

/// Time of day, for time stamps only: it may jump when the clock is set.
public enum WallClock {
    /// Nanoseconds since 1970-01-01 00:00 UTC (`CLOCK_REALTIME`).
    public static func nanoseconds() -> Int64 {
        read(CLOCK_REALTIME)
    }

    /// Whole seconds since then.
    public static func seconds() -> Int64 { nanoseconds() / 1_000_000_000 }
}

extension Int64 {
    /// So many milliseconds as nanoseconds.
    public static func nanoseconds(ofMilliseconds milliseconds: Int) -> Int64 { Int64(milliseconds) * 1_000_000 }
}

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // Fails only for a clock that the kernel does not have.
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
