import EventContract
import Testing

@testable import OpenSearchShipper

@Suite struct IndexWindowTests {
    private let day: Int64 = 86_400_000_000_000
    private let window = IndexWindow(daysBack: 400, daysAhead: 2)

    @Test func theWindowStaysWhereABatchWasRead() {
        for age in [0, 1, 29] as [Int64] {
            let days = window.days(readTime: 20_000 * day + 5, wallTime: (20_000 + age) * day + 7)
            #expect(days == 19_600...20_002)
        }
    }

    /// The clock of the reader may be the one that is wrong.
    @Test(arguments: [(.min, 19_970), (0, 19_970), (20_001, 20_000), (.max, 20_000)] as [(Int64, Int64)])
    func aReadersClockMovesItNotFar(readDay: Int64, center: Int64) {
        let (time, overflow) = readDay.multipliedReportingOverflow(by: day)
        let days = window.days(readTime: overflow ? readDay : time, wallTime: 20_000 * day)
        #expect(days == center - 400...center + 2)
    }
}
