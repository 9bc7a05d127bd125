import Lifecycle

/// The pause after a failure: a random part of a limit that doubles with each failure up to a maximum.
///
/// The randomness keeps several services from coming back in step after an outage.
struct ReconnectPause {
    private static let firstLimitMilliseconds = 50

    private let maxMilliseconds: Int
    private var failures = 0
    /// When the pause ends.
    private(set) var end = Deadline.now

    init(maxMilliseconds: Int) {
        self.maxMilliseconds = max(1, maxMilliseconds)
    }

    var isOver: Bool { end.hasPassed }

    mutating func lengthen() {
        let limit = min(maxMilliseconds, Self.firstLimitMilliseconds << min(failures, 20))
        failures += 1
        end = .milliseconds(Int.random(in: (limit + 1) / 2...limit))
    }

    mutating func lengthenToMaximum() {
        end = .milliseconds(maxMilliseconds)
    }

    mutating func reset() {
        failures = 0
        end = .now
    }
}
