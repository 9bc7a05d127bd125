import CivilTime

/// The date of a mail header (RFC 5322, section 3.3): `Fri, 21 Apr 2023 05:10:36 +0000`.
enum MailDate {
    /// Reads a date, with or without the day's name, seconds and zone; no zone means UTC.
    ///
    /// - Returns: nanoseconds since the epoch; nil for anything else, and outside of the years 1970 to 2261.
    static func parse(_ text: EncodedText) -> Int64? {
        var rest = text
        if let comma = rest.firstIndex(of: ",") { rest = rest.part(from: comma + 1) }
        guard let day = number(nextWord(&rest)), let month = month(nextWord(&rest)), var year = number(nextWord(&rest)),
            let secondOfDay = secondOfDay(nextWord(&rest))
        else { return nil }
        // Years of two and three digits are from before 2001.
        if year < 50 { year += 2000 } else if year < 1000 { year += 1900 }
        guard 1970...2261 ~= year, 1...31 ~= day, let zoneSeconds = zoneSeconds(nextWord(&rest)) else { return nil }
        let date = CivilDay(year: year, month: month, day: day)
        let days = date.daysSinceEpoch
        // A short month has no 31st.
        guard CivilDay(daysSinceEpoch: days) == date else { return nil }
        return (Int64(days) * 86_400 + Int64(secondOfDay - zoneSeconds)) * 1_000_000_000
    }

    private static func nextWord(_ rest: inout EncodedText) -> EncodedText {
        let text = rest.trimmed
        let end = text.firstIndex(of: " ") ?? text.count
        rest = text.part(from: end)
        return text.part(from: 0, to: end)
    }

    private static func number(_ text: EncodedText) -> Int? {
        guard text.count <= 4, text.isDecimal else { return nil }
        return text.buffer.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func month(_ text: EncodedText) -> Int? {
        months.firstIndex { text.isEqual(to: $0) }.map { $0 + 1 }
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `hh:mm` or `hh:mm:ss`.
    private static func secondOfDay(_ text: EncodedText) -> Int? {
        guard text.count == 5 || text.count == 8, text.bytes[2] == UInt8(ascii: ":"),
            let hour = number(text.part(from: 0, to: 2)), let minute = number(text.part(from: 3, to: 5)),
            hour < 24, minute < 60
        else { return nil }
        guard text.count == 8 else { return hour * 3_600 + minute * 60 }
        guard text.bytes[5] == UInt8(ascii: ":"), let second = number(text.part(from: 6)), second <= 60 else {
            return nil
        }
        return hour * 3_600 + minute * 60 + second
    }

    /// Seconds east of UTC. Names of zones other than those of North America count as UTC, as the RFC advises.
    private static func zoneSeconds(_ text: EncodedText) -> Int? {
        guard let sign = text.buffer.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            let name = zones.first { text.isEqual(to: $0.name) }
            return (name?.hours ?? 0) * 3_600
        }
        guard text.count == 5, let hours = number(text.part(from: 1, to: 3)), let minutes = number(text.part(from: 3)),
            hours < 24, minutes < 60
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static let zones: [(name: StaticString, hours: Int)] = [
        ("EDT", -4), ("EST", -5), ("CDT", -5), ("CST", -6), ("MDT", -6), ("MST", -7), ("PDT", -7), ("PST", -8),
    ]
}
