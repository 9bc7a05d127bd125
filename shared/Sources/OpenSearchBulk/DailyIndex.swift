import CivilTime

/// The index of a day, `PREFIX-2026.02.01`, or of a class of its events, `PREFIX-alerts-2026.02.01`.
public struct DailyIndex: Hashable, Sendable {
    /// Which events are in it. Without classes all of a day are in the one of telemetry.
    public let eventClass: EventClass
    /// The UTC day, counted from 1970-01-01.
    public let day: Int64

    /// The index of a class and a day.
    public init(_ eventClass: EventClass, day: Int64) { (self.eventClass, self.day) = (eventClass, day) }

    /// Reads a name; nil for every name that none of ours has, that of another prefix among them.
    public init?(name: String, prefix: String) {
        let days = name.utf8.suffix(Self.dayBytes)
        let numbers = String(decoding: days, as: UTF8.self).split(separator: ".").compactMap { Int($0) }
        guard numbers.count == 3, name.utf8.count > Self.dayBytes else { return nil }
        day = Int64(CivilDay(year: numbers[0], month: numbers[1], day: numbers[2]).daysSinceEpoch)
        // Written again it is the same, so it has no 31st of February and no sign.
        let day = day
        guard let found = EventClass.allCases.first(where: { DailyIndex($0, day: day).name(prefix: prefix) == name })
        else { return nil }
        eventClass = found
    }

    /// Its name in the store.
    public func name(prefix: String) -> String {
        let day = CivilDay(daysSinceEpoch: Int(day))
        return "\(prefix)\(eventClass.infix)-\(day.text(separator: "."))"
    }

    private static let dayBytes = 10
}
