/// How the time from reading an event to its acknowledgement by a store is counted in the totals of a group: one counter
/// for each bucket, so that it survives restarts, and adds up over all shippers of the group.
public enum LatencyBuckets {
    /// The upper bounds, in milliseconds; times above the last one are counted by ``overflow``.
    public static let boundsMilliseconds: [Int64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 7_200_000, 43_200_000,
    ]
    /// The counter of the sum of all these times, in milliseconds.
    public static let sum = StageCounter(rawValue: "latency_sum_ms")
    /// The counter of times above every bound.
    public static let overflow = StageCounter(rawValue: "latency_ms_above")

    /// The counter of the events above the bound before and up to this one.
    public static func counter(boundMilliseconds: Int64) -> StageCounter {
        StageCounter(rawValue: "latency_ms_\(boundMilliseconds)")
    }

    /// What `count` events that took so long add to the totals; nothing for 0 events.
    /// - Parameter milliseconds: a clock that was set back can make it negative, which counts as 0.
    public static func totals(milliseconds: Int64, count: Int) -> [(counter: StageCounter, amount: Int)] {
        guard count > 0 else { return [] }
        let time = max(0, milliseconds)
        let bound = boundsMilliseconds.first { time <= $0 }
        let (total, isTooMuch) = Int(clamping: time).multipliedReportingOverflow(by: count)
        return [
            (counter: bound.map(counter(boundMilliseconds:)) ?? overflow, amount: count),
            (counter: sum, amount: isTooMuch ? 0 : total),
        ]
    }
}
