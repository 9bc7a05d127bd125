/// Times as Suricata writes them, in nanoseconds since the epoch.
public enum EventTime {
    /// Reads `2026-02-01T12:34:56.123456+0000` and its kin: no fraction or up to nine digits of it, then `+hhmm`,
    /// `+hh:mm`, `Z` or nothing (which means UTC).
    ///
    /// - Returns: nil when it is anything else, or a date that does not exist, or outside of the years 1678 to 2261.
    public static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"),
            let century = twoDigits(text, 0), let yearOfCentury = twoDigits(text, 2),
            let month = twoDigits(text, 5), let day = twoDigits(text, 8), let hour = twoDigits(text, 11),
            let minute = twoDigits(text, 14), let second = twoDigits(text, 17)
        else { return nil }
        let year = century * 100 + yearOfCentury
        // Second 60 is a leap second, which the epoch counts as the next second.
        guard 1678...2261 ~= year, 1...12 ~= month, 1...CivilDay.daysInMonth(month, of: year) ~= day,
            hour < 24, minute < 60, second <= 60
        else { return nil }

        var position = 19
        var nanoseconds: Int64 = 0
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            var unit: Int64 = 100_000_000
            let fractionStart = position
            while position < text.count, let digit = digit(text, position) {
                guard unit > 0 else { return nil }
                nanoseconds += digit * unit
                unit /= 10
                position += 1
            }
            guard position > fractionStart else { return nil }
        }
        guard let zoneSeconds = zone(text, from: position) else { return nil }
        let days = CivilDay(year: Int(year), month: Int(month), day: Int(day)).daysSinceEpoch
        let seconds = Int64(days) * 86_400 + hour * 3_600 + minute * 60 + second - zoneSeconds
        return seconds * 1_000_000_000 + nanoseconds
    }

    /// The time of a line that starts with `{"timestamp":"`, as each line of Suricata does; nil for all others.
    public static func atFront(of line: UnsafeRawBufferPointer) -> Int64? {
        guard line.starts(with: front) else { return nil }
        let rest = line[front.count...]
        guard let end = rest.prefix(40).firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return parse(UnsafeRawBufferPointer(rebasing: rest[..<end]))
    }

    private static let front = Array("{\"timestamp\":\"".utf8)

    /// Appends the time as `2026-02-01T12:34:56.123456Z`; what is finer than a microsecond is cut off.
    public static func append(iso8601 nanoseconds: Int64, to output: inout [UInt8]) {
        let microseconds = nanoseconds.flooredDivision(by: 1_000)
        let seconds = microseconds.flooredDivision(by: 1_000_000)
        let secondOfDay = Int(seconds - seconds.flooredDivision(by: 86_400) * 86_400)
        CivilDay(daysSinceEpoch: Int(seconds.flooredDivision(by: 86_400))).append(to: &output, separator: "-")
        output.append(UInt8(ascii: "T"))
        output.append(digits: secondOfDay / 3_600, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: secondOfDay / 60 % 60, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(digits: secondOfDay % 60, width: 2)
        output.append(UInt8(ascii: "."))
        output.append(digits: Int(microseconds - seconds * 1_000_000), width: 6)
        output.append(UInt8(ascii: "Z"))
    }

    /// The UTC day that the time lies in.
    public static func day(_ nanoseconds: Int64) -> CivilDay {
        CivilDay(daysSinceEpoch: Int(nanoseconds.flooredDivision(by: 86_400_000_000_000)))
    }

    /// Seconds east of UTC of the rest of the text, nil when the rest is no zone.
    private static func zone(_ text: UnsafeRawBufferPointer, from position: Int) -> Int64? {
        guard position < text.count else { return 0 }
        let sign: Int64
        switch text[position] {
        case UInt8(ascii: "Z"): return position + 1 == text.count ? 0 : nil
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        var minutesAt = position + 3
        if minutesAt < text.count, text[minutesAt] == UInt8(ascii: ":") { minutesAt += 1 }
        guard minutesAt + 2 == text.count, let hours = twoDigits(text, position + 1),
            let minutes = twoDigits(text, minutesAt), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }

    @inline(__always)
    private static func digit(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int64? {
        let digit = text[index] &- UInt8(ascii: "0")
        return digit < 10 ? Int64(digit) : nil
    }

    @inline(__always)
    private static func twoDigits(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int64? {
        guard let tens = digit(text, index), let ones = digit(text, index + 1) else { return nil }
        return tens * 10 + ones
    }
}

extension Int64 {
    /// The quotient rounded down, also below zero.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self < 0 && quotient * divisor != self ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    /// Appends the lowest `width` decimal digits of a number that is not negative.
    mutating func append(digits number: Int, width: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(width, 1) { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(number / divisor % 10) + UInt8(ascii: "0"))
            divisor /= 10
        }
    }
}
