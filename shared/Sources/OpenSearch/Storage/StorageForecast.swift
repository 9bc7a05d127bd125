public import OpenSearchBulk

/// For how many days a store has room: as much comes in each day as on the mean of the last full ones, and goes when its age is
/// reached.
public struct StorageForecast: Equatable, Sendable {
    /// What comes in a day, in bytes with replicas: the mean of the last seven full days, or of as many as there are.
    public let bytesPerDay: Int64
    /// Full days until there is no room, 0 to ``daysMax``; that is "it never fills".
    public let daysLeft: Int

    /// Ten years, after which nobody looks.
    public static let daysMax = 3_650
    /// How many full days are looked at.
    private static let measuredDaysMax: Int64 = 7

    /// - Parameters:
    ///   - sizes: the daily indexes of the store with their bytes, replicas included.
    ///   - freeBytes: the room, see ``DiskUse/freeBytes(below:)``.
    ///   - ages: after how many days indexes of a class are deleted; 0 or nothing for never.
    ///   - today: the UTC day, counted from 1970-01-01, which is not full yet.
    /// - Returns: nil before the end of the first day.
    public init?(_ sizes: [DailyIndex: Int64], freeBytes: Int64, ages: [EventClass: Int], today: Int64) {
        let measured = sizes.filter { today - Self.measuredDaysMax..<today ~= $0.key.day }
        guard let first = measured.keys.map(\.day).min() else { return nil }
        let rates = Dictionary(grouping: measured, by: \.key.eventClass).mapValues { indexes in
            indexes.reduce(0) { $0 + $1.value } / (today - first)
        }
        bytesPerDay = rates.values.reduce(0, +)
        var free = freeBytes
        daysLeft =
            (1...Self.daysMax).first { day in
                free -= rates.values.reduce(0, +)
                for (eventClass, age) in ages where age > 0 {
                    let ended = today + Int64(day - age)
                    free += ended < today ? sizes[DailyIndex(eventClass, day: ended)] ?? 0 : rates[eventClass] ?? 0
                }
                return free < 0
            }.map { $0 - 1 } ?? Self.daysMax
    }
}
