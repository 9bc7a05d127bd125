/// A day of the Gregorian calendar, in UTC.
public struct CivilDay: Equatable, Sendable {
    /// For example 2026.
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int

    /// A day by its three numbers, which the caller has checked.
    public init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that lies so many days after 1970-01-01.
    ///
    /// The year is counted from March on, so that the leap day is the last of its year and the lengths of the months
    /// follow a straight line (153 days in five months).
    public init(daysSinceEpoch: Int) {
        let days = daysSinceEpoch + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day of a moment.
    /// - Parameter nanoseconds: nanoseconds since the epoch, also before it.
    public init(containing nanoseconds: Int64) { self.init(daysSinceEpoch: Self.daysSinceEpoch(of: nanoseconds)) }

    /// Nanoseconds of a day.
    public static let nanoseconds: Int64 = 86_400_000_000_000

    /// How many days after 1970-01-01 a moment lies, rounded down.
    /// - Parameter nanoseconds: nanoseconds since the epoch, also before it.
    public static func daysSinceEpoch(of nanoseconds: Int64) -> Int {
        Int(nanoseconds.flooredDivision(by: Self.nanoseconds))
    }

    /// How many days after 1970-01-01.
    public var daysSinceEpoch: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day as `2026.02.01`, with the separator of the caller's choice.
    public func text(separator: Character) -> String {
        let numbers = [(year, 4), (month, 2), (day, 2)].map { number, width in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return numbers.joined(separator: String(separator))
    }

    /// How many days a month has.
    /// - Parameter month: 1 to 12.
    public static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient rounded down, also below zero.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self < 0 && quotient * divisor != self ? quotient - 1 : quotient
    }
}
