import Lifecycle

/// Whether a client sends or takes fast enough.
///
/// The library's own timeouts are for silence: they restart with each byte, so a client that sends one byte a second would
/// occupy a connection forever.
struct TransferPace {
    private let bytesPerSecondMin: Int
    private let windowNanoseconds: Int64
    private var bytes = 0
    private var start = MonotonicClock.nanoseconds()

    init(_ limits: HTTPLimits) {
        bytesPerSecondMin = limits.transferBytesPerSecondMin
        windowNanoseconds = Int64(limits.transferWindowSeconds) * 1_000_000_000
    }

    mutating func moved(_ count: Int) {
        bytes += count
    }

    /// Starts afresh: until now the client was waiting for us.
    mutating func restart() {
        self.bytes = 0
        start = MonotonicClock.nanoseconds()
    }

    /// - Returns: whether a whole window is over in which too few bytes were moved; otherwise a window that is over is
    ///   followed by the next.
    mutating func isTooSlow() -> Bool {
        let elapsed = MonotonicClock.nanoseconds() - start
        guard elapsed >= windowNanoseconds else { return false }
        defer { restart() }
        return Int64(bytes) < Int64(bytesPerSecondMin) * (elapsed / 1_000_000_000)
    }
}
