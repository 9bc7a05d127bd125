/// How long to wait before trying again: twice as long after each failure, up to a cap, with full jitter.
///
/// The jitter spreads the attempts of many senders over the whole interval, so that they do not all return to a
/// server at the moment when it has come back. The wait never falls below half of the first interval: a random
/// number near zero must not cause a tight loop.
public struct Backoff: Sendable {
    private let firstMilliseconds: Int
    /// The longest wait, in milliseconds.
    public let capMilliseconds: Int
    /// Failures in a row since the last ``reset()``.
    public private(set) var failures = 0

    /// - Parameters:
    ///   - firstMilliseconds: the longest wait after the first failure; at least 2.
    ///   - capMilliseconds: the longest wait ever; at least `firstMilliseconds`.
    public init(firstMilliseconds: Int = 100, capMilliseconds: Int) {
        self.firstMilliseconds = max(2, firstMilliseconds)
        self.capMilliseconds = max(self.firstMilliseconds, capMilliseconds)
    }

    /// Counts a failure and gives the wait before the next attempt, in milliseconds.
    public mutating func next(random: (ClosedRange<Int>) -> Int = { Int.random(in: $0) }) -> Int {
        failures += 1
        return milliseconds(afterFailures: failures, random: random)
    }

    /// The wait after so many failures in a row, in milliseconds, for callers that count them themselves.
    public func milliseconds(
        afterFailures failures: Int, random: (ClosedRange<Int>) -> Int = { Int.random(in: $0) }
    ) -> Int {
        // 2^30 times any interval of a millisecond is beyond any sensible cap, and shifts further would overflow.
        let doublings = min(max(failures - 1, 0), 30)
        let (product, overflow) = firstMilliseconds.multipliedReportingOverflow(by: 1 << doublings)
        let longest = overflow ? capMilliseconds : min(product, capMilliseconds)
        return random(firstMilliseconds / 2...longest)
    }

    /// The last attempt worked: the next failure is a first one again.
    public mutating func reset() {
        failures = 0
    }
}
