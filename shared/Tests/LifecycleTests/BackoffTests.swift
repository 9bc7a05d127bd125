import Lifecycle
import Testing

@Suite struct BackoffTests {
    @Test(arguments: zip([1, 2, 3, 4, 5, 40, Int.max], [100, 200, 400, 800, 1_000, 1_000, 1_000]))
    func longestWaitDoublesUpToTheCap(failures: Int, longest: Int) {
        let backoff = Backoff(firstMilliseconds: 100, capMilliseconds: 1_000)
        #expect(backoff.milliseconds(afterFailures: failures, random: { $0.upperBound }) == longest)
        #expect(backoff.milliseconds(afterFailures: failures, random: { $0.lowerBound }) == 50)
    }

    @Test func resetStartsAnew() {
        var backoff = Backoff(firstMilliseconds: 100, capMilliseconds: 10_000)
        let longest: (ClosedRange<Int>) -> Int = { $0.upperBound }
        let waits = [backoff.next(random: longest), backoff.next(random: longest)]
        #expect(waits == [100, 200])
        backoff.reset()
        let first = backoff.next(random: longest)
        #expect(first == 100)
        #expect(backoff.failures == 1)
    }

    @Test func neverWaitsForNothing() {
        var backoff = Backoff(firstMilliseconds: 0, capMilliseconds: 0)
        for _ in 0..<100 {
            let wait = backoff.next()
            #expect(wait >= 1)
        }
    }

    @Test func aHugeIntervalDoesNotOverflow() {
        let backoff = Backoff(firstMilliseconds: .max / 2, capMilliseconds: .max)
        #expect(backoff.milliseconds(afterFailures: 31, random: { $0.upperBound }) == .max)
    }
}
