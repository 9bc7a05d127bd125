import CivilTime
import EventContract
import Logging

/// Tells of events that go into the one index for days without an index of their own, at most once an hour.
struct OutsideWarning {
    private var count = 0
    private var toldAt: Int64?

    private static let repeatNanoseconds: Int64 = 3_600_000_000_000

    /// Takes note of a batch.
    ///
    /// - Parameters:
    ///   - times: the times of its events that go there, in nanoseconds since the epoch.
    ///   - now: the monotonic time, in nanoseconds.
    mutating func observe(_ times: [Int64], of batch: DocumentBatch, index: String, logger: Logger, now: Int64) {
        guard let first = times.first else { return }
        count += times.count
        if let toldAt, now - toldAt < Self.repeatNanoseconds { return }
        logger.warning(
            "Events of days that get no index of their own are stored in one index; is a clock wrong?",
            [
                "index": index, "events": count, "sensor": batch.header.sensor,
                "path": batch.header.sourcePath, "day": CivilDay(containing: first).text(separator: "-"),
            ])
        (count, toldAt) = (0, now)
    }
}
