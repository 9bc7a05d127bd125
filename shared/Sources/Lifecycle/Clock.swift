import Glibc

/// Time for deadlines and durations: never set back, counts while the machine is awake.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary point of this boot (`CLOCK_MONOTONIC`).
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
}

private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // Fails only for a clock that the kernel does not have.
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
