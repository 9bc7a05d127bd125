import CivilTime
import Testing

@Suite("Days and times")
struct CivilTimeTests {
    @Test("Days and dates agree over four centuries")
    func civilDays() {
        var expected = CivilDay(year: 1_900, month: 1, day: 1)
        for days in expected.daysSinceEpoch..<CivilDay(year: 2_300, month: 1, day: 1).daysSinceEpoch {
            let day = CivilDay(daysSinceEpoch: days)
            guard day == expected, day.daysSinceEpoch == days else {
                Issue.record("\(day) instead of \(expected)")
                return
            }
            expected.day += 1
            if expected.day > CivilDay.daysInMonth(Int64(expected.month), of: Int64(expected.year)) {
                expected = CivilDay(
                    year: expected.month == 12 ? expected.year + 1 : expected.year, month: expected.month % 12 + 1,
                    day: 1)
            }
        }
    }

    @Test(
        "The day of a moment starts at midnight, before the epoch too",
        arguments: [
            (0, 0), (86_399_999_999_999, 0), (86_400_000_000_000, 1), (-1, -1), (-86_400_000_000_000, -1),
            (-86_400_000_000_001, -2),
        ] as [(Int64, Int)])
    func dayOfMoment(nanoseconds: Int64, days: Int) {
        #expect(CivilDay.daysSinceEpoch(of: nanoseconds) == days)
        #expect(CivilDay(containing: nanoseconds) == CivilDay(daysSinceEpoch: days))
    }

    @Test("A day is written with four and two digits")
    func dayText() {
        #expect(CivilDay(year: 2026, month: 2, day: 1).text(separator: ".") == "2026.02.01")
        #expect(CivilDay(year: 987, month: 12, day: 31).text(separator: "-") == "0987-12-31")
    }

    @Test(
        "A time is written in UTC, and what is finer is cut off",
        arguments: [
            (1_769_949_296_123_456_789, "2026-02-01T12:34:56.123456Z", "2026-02-01T12:34:56.123Z"),
            (0, "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z", "2000-02-29T00:00:00.000Z"),
            (1_769_949_296_007_999_999, "2026-02-01T12:34:56.007999Z", "2026-02-01T12:34:56.007Z"),
            (.min, "1677-09-21T00:12:43.145224Z", "1677-09-21T00:12:43.145Z"),
            (.max, "2262-04-11T23:47:16.854775Z", "2262-04-11T23:47:16.854Z"),
        ] as [(Int64, String, String)])
    func written(nanoseconds: Int64, microseconds: String, milliseconds: String) {
        #expect(UTCTimestamp(nanoseconds).description == microseconds)
        #expect(UTCTimestamp(nanoseconds, .milliseconds).description == milliseconds)
        #expect(UTCTimestamp(nanoseconds).byteCount == microseconds.utf8.count)
        #expect(UTCTimestamp(nanoseconds, .milliseconds).byteCount == milliseconds.utf8.count)
    }
}
