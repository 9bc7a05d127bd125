import CivilTime

/// How long the store keeps events, and when to look for those to remove.
///
/// They are removed in small steps between the batches: a long step would hold the batches up, and a transaction takes as
/// much room in SQLite's log as it frees in the file.
public struct EventStoreRetention {
    /// The most events that one step removes, as long as batches are not large.
    public static let stepEventCountMin = 5_000

    /// The time between two checks of a store that has nothing to remove.
    private static let intervalNanoseconds: Int64 = 5_000_000_000

    /// The most events that one step removes before a batch of so many is stored: more than the batch has, so that
    /// removing keeps up with storing.
    public static func stepEventCount(batchCount: Int) -> Int { max(stepEventCountMin, 2 * batchCount) }

    /// How many bytes the events may take; nil for any number.
    public let bytesMax: Int64?
    private let ageMaxDays: Int64?
    private var due: Int64 = 0

    /// - Parameters:
    ///   - bytesMax: how many bytes the events may take; nil for any number.
    ///   - ageMaxDays: the age by its own time at which an event is removed; nil for never.
    public init(bytesMax: Int64?, ageMaxDays: Int64?) {
        self.bytesMax = bytesMax
        self.ageMaxDays = ageMaxDays
    }

    /// Events from before this time are to be removed, in nanoseconds since the epoch; nil when age does not matter.
    public func oldestTime(at wallTime: Int64) -> Int64? {
        ageMaxDays.map { wallTime - $0 * CivilDay.nanoseconds }
    }

    /// Whether to look now, in nanoseconds of the monotonic clock.
    public func isDue(at now: Int64) -> Bool { now >= due && (bytesMax != nil || ageMaxDays != nil) }

    /// Takes note that a step has removed so many events.
    public mutating func looked(removedCount: Int, at now: Int64) {
        due = removedCount > 0 ? now : now + Self.intervalNanoseconds
    }
}
