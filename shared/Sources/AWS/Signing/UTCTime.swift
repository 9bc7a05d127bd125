import Glibc

/// Times as AWS and HTTP write them; all of them in UTC, in whole seconds since 1970.
enum UTCTime {
    /// `20261128T094500Z`.
    static func basic(_ unixSeconds: Int64) -> String {
        text(unixSeconds, "%Y%m%dT%H%M%SZ")
    }

    /// From `20261128T094500Z`.
    static func unixSeconds(basic text: String) -> Int64? {
        parse(text, "YYYYMMDDThhmmssZ")
    }

    /// `Sat, 28 Nov 2026 09:45:00 GMT`.
    static func httpDate(_ unixSeconds: Int64) -> String {
        text(unixSeconds, "%a, %d %b %Y %H:%M:%S GMT")
    }

    /// From `Sat, 28 Nov 2026 09:45:00 GMT`.
    static func unixSeconds(httpDate text: String) -> Int64? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2]) else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return parse("\(words[3])\(number)\(words[1]) \(words[4])", "YYYYMMDD hh:mm:ss")
    }

    /// From `2026-11-28T09:45:00Z`, with or without a fraction, and with an offset such as `+01:00` in the place of `Z`.
    static func unixSeconds(iso8601 text: String) -> Int64? {
        guard let date = parse(text.prefix(19), "YYYY-MM-DDThh:mm:ss") else { return nil }
        var zone = text.dropFirst(19)
        if zone.first == "." { zone = zone.dropFirst().drop { $0.isASCII && $0.isNumber } }
        if zone == "Z" || zone == "UTC" { return date }
        let digits = zone.dropFirst().filter { $0 != ":" }
        guard let sign = zone.first, sign == "+" || sign == "-", digits.count == 4, let offset = Int64(digits) else {
            return nil
        }
        let seconds = (offset / 100 * 60 + offset % 100) * 60
        return sign == "+" ? date - seconds : date + seconds
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func text(_ unixSeconds: Int64, _ format: String) -> String {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let count = strftime(buffer.baseAddress!, buffer.count, format, &parts)
            return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// - Parameter template: capital Y and M, D, h, m and s stand for digits, others for themselves.
    private static func parse(_ text: some StringProtocol, _ template: String) -> Int64? {
        guard text.utf8.count == template.utf8.count else { return nil }
        var numbers: [Character: Int32] = [:]
        for (given, expected) in zip(text, template) {
            if "YMDhms".contains(expected) {
                guard given.isASCII, let digit = given.wholeNumberValue else { return nil }
                numbers[expected] = numbers[expected, default: 0] * 10 + Int32(digit)
            } else if expected != given {
                return nil
            }
        }
        var parts = tm()
        parts.tm_year = numbers["Y", default: 0] - 1_900
        parts.tm_mon = numbers["M", default: 0] - 1
        parts.tm_mday = numbers["D", default: 0]
        (parts.tm_hour, parts.tm_min) = (numbers["h", default: 0], numbers["m", default: 0])
        parts.tm_sec = numbers["s", default: 0]
        guard 0..<12 ~= parts.tm_mon, 1...31 ~= parts.tm_mday, parts.tm_hour < 24, parts.tm_min < 60, parts.tm_sec <= 60
        else { return nil }
        return Int64(timegm(&parts))
    }
}
