import Synchronization

/// A count that only grows while the process lives.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// Adds to the count; wraps beyond 2^64 as Prometheus expects of a counter that starts again.
    public func add(_ amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The count so far.
    public var value: UInt64 {
        count.load(ordering: .relaxed)
    }
}
