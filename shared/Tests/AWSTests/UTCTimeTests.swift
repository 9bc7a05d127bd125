import Testing

@testable import AWS

@Suite struct UTCTimeTests {
    @Test func timesAreWrittenAndRead() {
        let seconds: Int64 = 1_795_859_100
        #expect(UTCTime.basic(seconds) == "20261128T094500Z")
        #expect(UTCTime.unixSeconds(basic: "20261128T094500Z") == seconds)
        #expect(UTCTime.httpDate(seconds) == "Sat, 28 Nov 2026 09:45:00 GMT")
        #expect(UTCTime.unixSeconds(httpDate: "Sat, 28 Nov 2026 09:45:00 GMT") == seconds)
    }

    @Test(arguments: [
        "2026-11-28T09:45:00Z", "2026-11-28T09:45:00UTC", "2026-11-28T09:45:00.123456Z", "2026-11-28T10:45:00+01:00",
        "2026-11-28T04:15:00.5-0530",
    ])
    func endsOfCredentialsAreReadInEveryForm(text: String) {
        #expect(UTCTime.unixSeconds(iso8601: text) == 1_795_859_100)
    }

    @Test(arguments: [
        "", "tomorrow", "2026-11-28", "2026-11-28T09:45:00", "2026-13-28T09:45:00Z", "2026-11-28T09:45:00+1",
    ])
    func whatIsNoTimeIsNone(text: String) {
        #expect(UTCTime.unixSeconds(iso8601: text) == nil)
        #expect(UTCTime.unixSeconds(httpDate: text) == nil)
    }
}
