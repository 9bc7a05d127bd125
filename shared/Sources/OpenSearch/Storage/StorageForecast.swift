import Lifecycle
public import OpenSearchBulk
public import Settings

/// For how many days a store has room: as much comes in each day as on the mean of the last full ones, and goes when its age is
/// reached. A store with a guard never fills; for that it tells how far back its events reach.
public struct StorageForecast: Equatable, Sendable {
    /// What comes in a day, in bytes with replicas: the mean of the last seven full days, or of as many as there are.
    public let bytesPerDay: Int64
    /// Full days until there is no room, 0 to ``daysMax``; that is "it never fills".
    public let daysLeft: Int
    /// For how many days the guard keeps what is no alert, at most to its age: so many have room beside the alerts and
    /// counters that are there now. nil in a store without a guard.
    public let daysKept: Int?
    /// Whether there is room until everything has reached its age.
    public let isEnough: Bool

    /// Ten years, after which nobody looks.
    public static let daysMax = 3_650
    /// How many full days are looked at.
    private static let measuredDaysMax: Int64 = 7

    /// That of a store as it is set up and as it is now.
    ///
    /// - Parameter sizes: the daily indexes of the store with their bytes, replicas included.
    /// - Returns: nil before the end of the first day.
    public init?(_ sizes: [DailyIndex: Int64], _ disks: DiskUse, _ settings: OpenSearchSettings) {
        self.init(
            sizes, freeBytes: disks.freeBytes(below: settings.storageGuardPercent), ages: settings.deletionAges,
            isGuarded: settings.guardsStorage, today: BulkAction.day(WallClock.nanoseconds()))
    }

    /// - Parameters:
    ///   - sizes: the daily indexes of the store with their bytes, replicas included.
    ///   - freeBytes: the room, see ``DiskUse/freeBytes(below:)``.
    ///   - ages: after how many days indexes of a class are deleted; 0 or nothing for never.
    ///   - isGuarded: whether the oldest indexes go before there is no room.
    ///   - today: the UTC day, counted from 1970-01-01, which is not full yet.
    /// - Returns: nil before the end of the first day.
    public init?(_ sizes: [DailyIndex: Int64], freeBytes: Int64, ages: [EventClass: Int], isGuarded: Bool, today: Int64)
    {
        let measured = sizes.filter { today - Self.measuredDaysMax..<today ~= $0.key.day }
        guard let first = measured.keys.map(\.day).min() else { return nil }
        let rates = Dictionary(grouping: measured, by: \.key.eventClass).mapValues { indexes in
            indexes.reduce(0) { $0 + $1.value } / (today - first)
        }
        let perDay = rates.values.reduce(0, +)
        bytesPerDay = perDay
        if isGuarded {
            let room = sizes.reduce(freeBytes) { $0 + ($1.key.eventClass == .telemetry ? $1.value : 0) }
            let age = ages[.telemetry].flatMap { $0 > 0 ? $0 : nil } ?? Self.daysMax
            let daysKept = min(age, perDay > 0 ? Int(room / perDay) : age)
            (daysLeft, self.daysKept, isEnough) = (Self.daysMax, daysKept, daysKept == age)
            return
        }
        daysKept = nil
        var free = freeBytes
        daysLeft =
            (1...Self.daysMax).first { day in
                free -= perDay
                for (eventClass, age) in ages where age > 0 {
                    let ended = today + Int64(day - age)
                    free += ended < today ? sizes[DailyIndex(eventClass, day: ended)] ?? 0 : rates[eventClass] ?? 0
                }
                return free < 0
            }.map { $0 - 1 } ?? Self.daysMax
        isEnough = daysLeft == Self.daysMax
    }
}
