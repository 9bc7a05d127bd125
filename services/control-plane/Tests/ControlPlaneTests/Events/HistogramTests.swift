import Testing

@testable import ControlPlane

@Suite struct HistogramTests {
    /// 2026-02-01 00:00 UTC.
    private static let start: Int64 = 1_769_904_000_000_000_000

    /// By seconds nothing is counted beforehand, by minutes and hours it is.
    @Test(arguments: [100_000, 1_000, 60, 24, 2, 1])
    func theIndexCountsAsTheEventsDo(buckets: Int) throws {
        let fixture = try EventFixture()
        try fixture.store(
            (0..<300).map { number in
                let second = number * 1_777 % 400_000
                let time = "2026-02-0\(1 + second / 86_400)T\(Self.clock(second % 86_400))Z"
                let type = number % 3 == 0 ? "alert" : "flow"
                return
                    #"{"@timestamp":"\#(time)","suricata":{"severity":\#(number % 4),"eve":{"event_type":"\#(type)"}}}"#
            })
        func count(_ text: String) throws -> Histogram {
            let query = try QueryParser.parse(text, now: Self.start)
            return try fixture.readers.read { reader in
                try Histogram.count(
                    query, from: Self.start + 3_723_000_000_000, until: Self.start + 350_000 * 1_000_000_000 / 60 * 60,
                    bucketsMax: buckets, reader)
            }
        }
        let queries = ["", "type:alert"]
        let counted = try queries.map(count)
        #expect(counted.allSatisfy { $0.total > 50 })
        try fixture.index()
        #expect(try queries.map(count).map(\.counts) == counted.map(\.counts))
    }

    private static func clock(_ second: Int) -> String {
        [second / 3_600, second / 60 % 60, second % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }.joined(separator: ":")
    }
}
