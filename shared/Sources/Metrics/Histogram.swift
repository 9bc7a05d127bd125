/// How often a measured value fell under each of some bounds.
public final class Histogram: Sendable {
    /// Bounds for durations in seconds, from a millisecond to a minute.
    public static let durationBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    let buckets: [Double]
    /// One more than `buckets`: the last one counts the values above every bound.
    private let counts: [Counter]
    private let sum = Gauge()

    init(buckets: [Double]) {
        precondition(
            !buckets.isEmpty && buckets.allSatisfy(\.isFinite) && zip(buckets, buckets.dropFirst()).allSatisfy(<),
            "buckets of a histogram are finite and rise")
        self.buckets = buckets
        counts = (0...buckets.count).map { _ in Counter() }
    }

    /// Counts one measured value, in the unit of the metric's name (seconds for durations).
    public func observe(_ value: Double) {
        counts[buckets.firstIndex { value <= $0 } ?? buckets.count].add()
        sum.add(value)
    }

    /// Counts per bucket, cumulative as in the exposition, the last one being the count of all; and the sum.
    var snapshot: (cumulative: [UInt64], sum: Double) {
        var total: UInt64 = 0
        let cumulative = counts.map { counter in
            total &+= counter.value
            return total
        }
        return (cumulative, sum.value)
    }
}
