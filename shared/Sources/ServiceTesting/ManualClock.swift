public import Lifecycle
import Synchronization

/// A clock that stands still until a test turns it on.
public final class ManualClock: Sendable {
    private let time = Atomic<Int64>(1_000_000_000)

    /// A clock of its own.
    public init() {}

    /// What a part under test reads it by.
    public var clock: MonotonicClock { MonotonicClock { [self] in time.load(ordering: .relaxed) } }

    /// Turns it on.
    public func advance(milliseconds: Int) {
        time.add(.nanoseconds(ofMilliseconds: milliseconds), ordering: .relaxed)
    }
}
