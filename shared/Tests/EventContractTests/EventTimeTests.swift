import JSON
import Testing

@testable import EventContract

@Suite("Event time")
struct EventTimeTests {
    static let second: Int64 = 1_769_949_296

    static func parse(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBytes { EventTime.parse($0) }
    }

    @Test(
        "All forms that Suricata writes mean the same time",
        arguments: [
            ("2026-02-01T12:34:56.123456+0000", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34:56.123456+00:00", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34:56.123456Z", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34:56.123456", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T14:34:56.123456+0200", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T07:04:56.123456-05:30", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34:56.123456789+0000", second * 1_000_000_000 + 123_456_789),
            ("2026-02-01T12:34:56+0000", second * 1_000_000_000),
            ("2026-02-01 12:34:56.5Z", second * 1_000_000_000 + 500_000_000),
            ("1970-01-01T00:00:00.000000Z", 0),
            ("1969-12-31T23:59:59.999999Z", -1_000),
            ("2016-12-31T23:59:60.000000Z", 1_483_228_800 * 1_000_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800 * 1_000_000_000),
            ("2261-12-31T23:59:59.999999999Z", 9_214_646_399_999_999_999),
            ("2026-02-01T12:34:56.123456+00", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T14:34:56.123456+02", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34:56,123456+0000", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01t12:34:56.123456z", second * 1_000_000_000 + 123_456_000),
            ("2026-02-01T12:34Z", (second - 56) * 1_000_000_000),
            ("20260201T123456.123456Z", second * 1_000_000_000 + 123_456_000),
            ("20260201T143456+0200", second * 1_000_000_000), ("20260201T1234", (second - 56) * 1_000_000_000),
            ("1769949296", second * 1_000_000_000), ("1769949296123", second * 1_000_000_000 + 123_000_000),
            ("1769949296.123456", second * 1_000_000_000 + 123_456_000),
            ("1769949296123.456", second * 1_000_000_000 + 123_456_000),
            ("1.769949296123456E9", second * 1_000_000_000 + 123_456_000),
            ("1769949296123456", second * 1_000_000_000 + 123_456_000),
            ("1769949296123456789", second * 1_000_000_000 + 123_456_789),
            ("1769949296.12345678999", second * 1_000_000_000 + 123_456_789),
            ("631152000", 631_152_000 * 1_000_000_000), ("9214646399.9", 9_214_646_399_900_000_000),
        ] as [(String, Int64)])
    func forms(text: String, nanoseconds: Int64) {
        #expect(Self.parse(text) == nanoseconds)
    }

    @Test(
        "Anything else is no time",
        arguments: [
            "", "2026-02-01", "2026-02-01T12:34:5", "2026-13-01T12:34:56Z", "2026-00-01T12:34:56Z",
            "2026-02-30T12:34:56Z", "2023-02-29T12:34:56Z", "2026-02-01T24:34:56Z", "2026-02-01T12:60:56Z",
            "2026-02-01T12:34:61Z", "2026-02-01T12:34:56.Z", "2026-02-01T12:34:56.1234567890Z",
            "2026-02-01T12:34:56.123456+0", "2026-02-01T12:34:56.123456+00:", "2026-02-01T12:34:56.123456+00000",
            "2026-02-01T12:34:56.123456+2500",
            "2026-02-01T12:34:56.123456Zx", "2026-02-01T12:34:56;123456Z", "9999-02-01T12:34:56Z",
            "0001-02-01T12:34:56Z", "2026-02-01T12:34:56.+0000", "２026-02-01T12:34:56Z", "-026-02-01T12:34:56Z",
            "2026-02-01T1234Z", "20260201T12:34:56Z", "2026-0201T12:34:56", "2026-02-01T12:34:", "20260201T12345",
            "2026-W05-7T12:34:56Z", "20260201", "20260201123456", "17", "631151999", "9214646400", "-1769949296",
            "1769949296.", "1769949296e", "1e99999999999999999999", "1e-99999999999999999999", "+1769949296",
            "1769949296 ",
        ])
    func rejected(text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test(
        "In an event it may be a string or a number",
        arguments: [
            (#""2026-02-01T12:34:56+0000""#, second * 1_000_000_000),
            (#""2026-02-01T12:34:56\u002B0000""#, second * 1_000_000_000), (#""1769949296""#, second * 1_000_000_000),
            ("1769949296", second * 1_000_000_000), ("1769949296.5", second * 1_000_000_000 + 500_000_000),
            ("null", nil), ("true", nil), ("[1769949296]", nil), (#"{"$date":1769949296123}"#, nil),
        ] as [(String, Int64?)])
    func node(json: String, nanoseconds: Int64?) throws {
        var tree = JSONTree()
        let time = try Array("[\(json)]".utf8).withUnsafeBytes {
            EventTime.parse(try #require(tree.parse($0).onlyElement))
        }
        #expect(time == nanoseconds)
    }

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
        "A time is written in UTC with microseconds",
        arguments: [
            (second * 1_000_000_000 + 123_456_789, "2026-02-01T12:34:56.123456Z"),
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400 * 1_000_000_000, "2000-02-29T00:00:00.000000Z"),
        ] as [(Int64, String)])
    func written(nanoseconds: Int64, text: String) {
        var output: [UInt8] = []
        EventTime.append(iso8601: nanoseconds, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test(
        "The time at the front of a line is found without parsing it",
        arguments: [
            ("{\"timestamp\":\"2026-02-01T12:34:56.000000+0000\",\"flow_id\":1}", second * 1_000_000_000),
            ("{\"timestamp\":\"2026-02-01T12:34:56.000000+0000", nil),
            ("{\"timestamp\": \"2026-02-01T12:34:56Z\"}", second * 1_000_000_000),
            ("{\"timestamp\":1769949296.5,\"flow_id\":1}", second * 1_000_000_000 + 500_000_000),
            ("{\"timestamp\": 1769949296}", second * 1_000_000_000), ("{\"timestamp\":1769949296", nil),
            ("{\"timestamp\":\"yesterday\"}", nil), ("{\"flow_id\":1}", nil), ("", nil), ("{\"timestamp\":\"", nil),
        ] as [(String, Int64?)])
    func front(line: String, nanoseconds: Int64?) {
        #expect(Array(line.utf8).withUnsafeBytes { EventTime.atFront(of: $0) } == nanoseconds)
    }
}
