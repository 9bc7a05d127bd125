public import Lifecycle

/// Whether a store can be sent to, learnt from what becomes of the requests.
///
/// A store that failed as a whole (gone, overloaded, credentials refused) is left alone for a while, then tried with
/// one request; only after that has worked do several travel at once again. So a store that comes back does not get
/// everything at once that has waited, and one that stays away costs one request per backoff interval, however many
/// batches wait.
public struct Availability: Sendable {
    private var backoff: Backoff
    private let requestsInFlightMax: Int
    private var pausedUntil: Int64 = 0
    private var pausedAt: Int64 = .min
    /// Why the store cannot be sent to now, in words for an operator; nil while it works.
    public private(set) var trouble: String?

    /// - Parameters:
    ///   - backoff: the waits between the attempts at a store that fails.
    ///   - requestsInFlightMax: how many requests may travel at once while it works; at least 1.
    public init(backoff: Backoff, requestsInFlightMax: Int) {
        self.backoff = backoff
        self.requestsInFlightMax = max(1, requestsInFlightMax)
    }

    /// How many requests may travel at once at `now` (monotonic nanoseconds).
    public func requestsInFlightLimit(at now: Int64) -> Int {
        guard trouble != nil else { return requestsInFlightMax }
        return now >= pausedUntil ? 1 : 0
    }

    /// When the next attempt may be made, in monotonic nanoseconds; 0 while the store works.
    public var nextAttemptAt: Int64 { trouble == nil ? 0 : pausedUntil }

    /// A request was answered by a store that works.
    ///
    /// - Parameter sentAt: when the request was sent, in monotonic nanoseconds. The answer to a request from before a pause
    ///   does not end the pause: the failure is newer.
    public mutating func succeeded(sentAt: Int64) {
        guard trouble == nil || sentAt >= pausedAt else { return }
        trouble = nil
        backoff.reset()
    }

    /// A request failed as a whole.
    ///
    /// - Parameters:
    ///   - reason: what is wrong and, where known, what helps.
    ///   - now: the monotonic time, in nanoseconds.
    ///   - sentAt: when the request was sent. Requests that travelled at once fail at once: they count as one failure.
    ///   - waitMilliseconds: what the store itself asked for (`Retry-After`), instead of our own backoff; the jitter of
    ///     a first failure is added, so that a store that asks for no wait does not cause a tight loop.
    /// - Returns: when the next attempt may be made, in monotonic nanoseconds.
    @discardableResult
    public mutating func failed(reason: String, now: Int64, sentAt: Int64, waitMilliseconds: Int? = nil) -> Int64 {
        guard trouble == nil || sentAt >= pausedAt else { return pausedUntil }
        trouble = reason
        let own = backoff.next()
        let asked = waitMilliseconds.map { $0 + backoff.milliseconds(afterFailures: 1) }
        pausedAt = now
        pausedUntil = now + .nanoseconds(ofMilliseconds: asked ?? own)
        return pausedUntil
    }
}
