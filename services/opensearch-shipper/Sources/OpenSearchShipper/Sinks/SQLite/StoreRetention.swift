import Settings

/// How long the store keeps events, and when to look for those whose time is over.
///
/// They are removed in small steps between the batches: a long one would hold the batches up, and what one transaction
/// removes takes as much room in SQLite's log as it frees.
struct StoreRetention {
    /// The most events that one step removes, as long as batches are not large.
    static let stepEventCountMin = 5_000

    /// The time between two looks at a store that has nothing to remove.
    private static let intervalNanoseconds: Int64 = 5_000_000_000
    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    /// The most events that one step removes before a batch of so many is stored: more than the batch has, so that
    /// removing keeps up with storing.
    static func stepEventCount(batchCount: Int) -> Int { max(stepEventCountMin, 2 * batchCount) }

    private let settings: SQLiteSettings
    private var due: Int64 = 0

    init(_ settings: SQLiteSettings) { self.settings = settings }

    /// How many bytes the events may take; nil for any number.
    var bytesMax: Int64? { settings.bytesMax > 0 ? Int64(settings.bytesMax) : nil }

    /// Events from before this time are to go, in nanoseconds since the epoch; nil when none goes by its age.
    func oldestTime(at wallTime: Int64) -> Int64? {
        settings.deleteAfterDays > 0 ? wallTime - Int64(settings.deleteAfterDays) * Self.dayNanoseconds : nil
    }

    /// Whether to look now, in nanoseconds of the monotonic clock.
    func isDue(at now: Int64) -> Bool { now >= due && (settings.bytesMax > 0 || settings.deleteAfterDays > 0) }

    /// A look has removed so many events.
    mutating func looked(removedCount: Int, at now: Int64) {
        due = removedCount > 0 ? now : now + Self.intervalNanoseconds
    }
}
