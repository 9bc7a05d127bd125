import CivilTime
public import JSON

/// Times in the forms that Suricata and programs that pass its events on write, in nanoseconds since the epoch.
public enum EventTime {
    /// The times that a batch may hold: from the epoch to the end of 2261, and one more day for zones. Two of them can be
    /// subtracted, and months can be added, without an overflow.
    public static let range: ClosedRange<Int64> = 0...9_214_732_800_000_000_000

    /// The time if a batch may hold it, else the nearest time that it may hold.
    public static func clamped(_ time: Int64) -> Int64 { min(max(time, range.lowerBound), range.upperBound) }

    /// Reads a string or a number of an event.
    ///
    /// - Returns: nanoseconds since the epoch; nil for other values, and for texts that `parse` does not take.
    public static func parse(_ node: JSONNode) -> Int64? {
        switch node.kind {
        case .integer, .real: return sinceEpoch(node.content)
        case .string:
            guard node.hasEscapes else { return parse(node.content) }
            var text: [UInt8] = []
            JSONText.appendDecoded(node.content, to: &text)
            return text.withUnsafeBytes { parse($0) }
        case .object, .array, .null, .true, .false: return nil
        }
    }

    /// Reads a date with a time of ISO 8601, in the extended or the basic form: `2026-02-01T12:34:56.123456+0000`,
    /// `20260201T123456,123456Z`. The seconds may be missing, and so may their fraction, which has up to nine digits; then
    /// follows `+hhmm`, `+hh:mm`, `+hh`, `Z` or nothing (which means UTC). Or reads a number of seconds, milli-, micro- or
    /// nanoseconds since the epoch, whichever lies in the years 1990 to 2261.
    ///
    /// - Returns: nanoseconds since the epoch; nil for anything else, for a date that does not exist, and outside of the years
    ///   1678 to 2261.
    public static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 13 else { return sinceEpoch(text) }
        let isExtended = text[4] == UInt8(ascii: "-")
        let month = isExtended ? 5 : 4
        let day = isExtended ? 8 : 6
        let hour = day + 3
        let minute = isExtended ? hour + 3 : hour + 2
        guard text.count >= minute + 2, isDateEnd(text[day + 2]) else { return sinceEpoch(text) }
        if isExtended, text[7] != UInt8(ascii: "-") || text[13] != UInt8(ascii: ":") { return nil }
        guard let century = twoDigits(text, 0), let yearOfCentury = twoDigits(text, 2),
            let monthOfYear = twoDigits(text, month), let dayOfMonth = twoDigits(text, day),
            let hours = twoDigits(text, hour), let minutes = twoDigits(text, minute)
        else { return nil }
        let year = century * 100 + yearOfCentury
        guard 1678...2261 ~= year, 1...12 ~= monthOfYear,
            1...CivilDay.daysInMonth(monthOfYear, of: year) ~= dayOfMonth, hours < 24, minutes < 60
        else { return nil }

        var position = minute + 2
        guard let (second, nanoseconds) = seconds(text, at: &position, isExtended: isExtended),
            let zoneSeconds = zone(text, from: position)
        else { return nil }
        let days = CivilDay(year: Int(year), month: Int(monthOfYear), day: Int(dayOfMonth)).daysSinceEpoch
        return (Int64(days) * 86_400 + hours * 3_600 + minutes * 60 + second - zoneSeconds) * 1_000_000_000
            + nanoseconds
    }

    /// What stands between a date and a time (RFC 3339 takes all of these).
    @inline(__always)
    private static func isDateEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "T") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "t")
    }

    /// Reads the seconds and their fraction behind the minutes; zeros when there are none, nil when they are malformed.
    @inline(__always)
    private static func seconds(
        _ text: UnsafeRawBufferPointer, at position: inout Int, isExtended: Bool
    ) -> (seconds: Int64, nanoseconds: Int64)? {
        if isExtended {
            guard position < text.count, text[position] == UInt8(ascii: ":") else { return (0, 0) }
            position += 1
        } else if position == text.count || digit(text, position) == nil {
            return (0, 0)
        }
        // Second 60 is a leap second, which the epoch counts as the next second.
        guard position + 2 <= text.count, let seconds = twoDigits(text, position), seconds <= 60 else { return nil }
        position += 2
        guard position < text.count, text[position] == UInt8(ascii: ".") || text[position] == UInt8(ascii: ",") else {
            return (seconds, 0)
        }
        position += 1
        var nanoseconds: Int64 = 0
        var unit: Int64 = 100_000_000
        let fractionStart = position
        while position < text.count, let digit = digit(text, position) {
            guard unit > 0 else { return nil }
            nanoseconds += digit * unit
            unit /= 10
            position += 1
        }
        return position > fractionStart ? (seconds, nanoseconds) : nil
    }

    /// The years 1990 to 2261 in seconds. Counted in milliseconds and smaller units they never have the same numbers.
    private static let plausibleSeconds: Range<Int64> = 631_152_000..<9_214_646_400

    /// Reads a number, whose size tells its unit.
    private static func sinceEpoch(_ text: UnsafeRawBufferPointer) -> Int64? {
        for power in stride(from: 0, through: 9, by: 3) {
            if let seconds = JSONText.scaled(text, byPowerOfTen: -power), plausibleSeconds.contains(seconds.whole) {
                return JSONText.scaled(text, byPowerOfTen: 9 - power)?.whole
            }
        }
        return nil
    }

    /// The time of a line that starts with the member `timestamp`, as each line of Suricata does; nil for all others.
    public static func atFront(of line: UnsafeRawBufferPointer) -> Int64? {
        guard line.starts(with: front) else { return nil }
        let rest = line[front.count...].drop { $0 == UInt8(ascii: " ") }
        let isText = rest.first == UInt8(ascii: "\"")
        let value = isText ? rest.dropFirst() : rest
        let end = value.prefix(40).firstIndex {
            isText ? $0 == UInt8(ascii: "\"") : $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") || $0 <= 0x20
        }
        guard let end else { return nil }
        return parse(UnsafeRawBufferPointer(rebasing: value[..<end]))
    }

    private static let front = Array("{\"timestamp\":".utf8)

    /// The rest of the text as a zone, in seconds east of UTC; nil when it is not one.
    private static func zone(_ text: UnsafeRawBufferPointer, from position: Int) -> Int64? {
        guard position < text.count else { return 0 }
        let sign: Int64
        switch text[position] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): return position + 1 == text.count ? 0 : nil
        case UInt8(ascii: "+"): sign = 1
        case UInt8(ascii: "-"): sign = -1
        default: return nil
        }
        guard position + 3 <= text.count, let hours = twoDigits(text, position + 1), hours < 24 else { return nil }
        var minutesAt = position + 3
        if minutesAt == text.count { return sign * hours * 3_600 }
        if text[minutesAt] == UInt8(ascii: ":") { minutesAt += 1 }
        guard minutesAt + 2 == text.count, let minutes = twoDigits(text, minutesAt), minutes < 60 else { return nil }
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
