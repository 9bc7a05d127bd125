import OpenSearchBulk

/// The days that get an index of their own; events of other days share one (``BulkAction/Destination/outside``).
///
/// The window lies around the time at which a batch was read, so that a batch that comes again goes where it went. A
/// reader whose own clock is wrong does not move it far: the clock of this machine bounds that time.
struct IndexWindow {
    let daysBack: Int
    let daysAhead: Int

    /// What waits in Redis is not older than this, as a rule.
    private static let waitDaysMax: Int64 = 30

    /// - Parameters:
    ///   - readTime: when the batch was read, in nanoseconds since the epoch.
    ///   - wallTime: the time of this machine, in nanoseconds since the epoch.
    func days(readTime: Int64, wallTime: Int64) -> ClosedRange<Int64> {
        let today = BulkAction.day(wallTime)
        let readDay = min(max(BulkAction.day(readTime), today - Self.waitDaysMax), today)
        return readDay - Int64(daysBack)...readDay + Int64(daysAhead)
    }
}
