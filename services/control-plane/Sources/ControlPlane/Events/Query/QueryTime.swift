import CivilTime

/// A time as people write it: a day, a moment, or so long ago; in UTC where no zone is named.
struct QueryTime: Equatable {
    /// The first nanosecond that is meant.
    let first: Int64
    /// The last one: that of the day, minute, second or moment.
    let last: Int64
    /// Whether it is a whole day.
    let isDay: Bool

    private static let second: Int64 = 1_000_000_000
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    /// What nanoseconds of 64 bits can count.
    private static let years = 1_678...2_261

    /// `2026-02-01`, `2026-02-01T10:00`, with seconds, their fraction and a zone; `now`, `-24h`, `now-7d`. nil for all else.
    init?(_ text: String, now: Int64) {
        if let ago = Self.relative(text) {
            let (moment, isOver) = now.subtractingReportingOverflow(ago)
            guard !isOver else { return nil }
            (first, last, isDay) = (moment, moment, false)
            return
        }
        var rest = text[...]
        guard let year = Self.number(&rest, digits: 4), Self.years.contains(year), Self.take("-", &rest),
            let month = Self.number(&rest, digits: 2), (1...12).contains(month), Self.take("-", &rest),
            let day = Self.number(&rest, digits: 2), day >= 1,
            day <= CivilDay.daysInMonth(Int64(month), of: Int64(year))
        else { return nil }
        var start = Int64(CivilDay(year: year, month: month, day: day).daysSinceEpoch) * CivilDay.nanoseconds
        isDay = rest.isEmpty
        var length = CivilDay.nanoseconds
        if !isDay {
            guard Self.take("T", &rest) || Self.take(" ", &rest), let hour = Self.number(&rest, digits: 2), hour < 24,
                Self.take(":", &rest), let minute = Self.number(&rest, digits: 2), minute < 60
            else { return nil }
            start += Int64(hour * 3_600 + minute * 60) * Self.second
            length = 60 * Self.second
            if Self.take(":", &rest) {
                guard let second = Self.number(&rest, digits: 2), second < 60 else { return nil }
                start += Int64(second) * Self.second
                length = Self.second
                if Self.take(".", &rest) {
                    let digits = rest.prefix { $0.isASCII && $0.isNumber }
                    guard (1...9).contains(digits.count), let fraction = Int64(digits) else { return nil }
                    for _ in 0..<digits.count { length /= 10 }
                    start += fraction * length
                    rest.removeFirst(digits.count)
                }
            }
            guard let offset = Self.zone(&rest), rest.isEmpty else { return nil }
            start -= offset * Self.second
        }
        first = start
        last = start + length - 1
    }

    private static func relative(_ text: String) -> Int64? {
        var rest = text[...]
        if rest.hasPrefix("now") {
            rest.removeFirst(3)
            if rest.isEmpty { return 0 }
        }
        guard take("-", &rest), let unit = rest.popLast(), let seconds = units[unit], let count = Int64(rest),
            count >= 0, count <= 1_000_000, rest.allSatisfy(\.isNumber)
        else { return nil }
        let (length, isOver) = (count * seconds).multipliedReportingOverflow(by: second)
        return isOver ? nil : length
    }

    private static func take(_ character: Character, _ rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Substring, digits: Int) -> Int? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        rest.removeFirst(digits)
        return Int(text)
    }

    /// Seconds east of UTC; nil for what is no zone.
    private static func zone(_ rest: inout Substring) -> Int64? {
        guard let sign = rest.first else { return 0 }
        rest.removeFirst()
        if sign == "Z" { return 0 }
        guard sign == "+" || sign == "-", let hours = number(&rest, digits: 2), hours < 24 else { return nil }
        _ = take(":", &rest)
        guard let minutes = number(&rest, digits: 2), minutes < 60 else { return nil }
        return Int64(hours * 3_600 + minutes * 60) * (sign == "-" ? -1 : 1)
    }
}
