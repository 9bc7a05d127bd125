import Lifecycle
import ServiceTesting
import Testing

@Suite struct IntervalTests {
    private let hand = ManualClock()

    @Test("It is due at once, then each time that the interval is over")
    func takesTurns() {
        var interval = Interval(milliseconds: 100, clock: hand.clock)
        let turns = (0...4).map { _ in
            defer { hand.advance(milliseconds: 60) }
            return interval.restartIfDue()
        }
        #expect(turns == [true, false, true, false, true])
    }

    @Test("What is left of it is rounded up, so that no wait ends early")
    func remaining() {
        var interval = Interval(milliseconds: 100, clock: hand.clock)
        #expect(interval.remainingMilliseconds == 0)
        interval.restart()
        hand.advance(milliseconds: 99)
        #expect(interval.remainingMilliseconds == 1 && !interval.isDue)
        hand.advance(milliseconds: 1)
        #expect(interval.remainingMilliseconds == 0 && interval.isDue)
    }

    @Test("By plan it does not drift, and makes up for nothing that was missed")
    func plan() {
        var interval = Interval(milliseconds: 100, clock: hand.clock)
        interval.restartByPlan()
        hand.advance(milliseconds: 130)
        interval.restartByPlan()
        #expect(interval.remainingMilliseconds == 70)
        hand.advance(milliseconds: 1_000)
        interval.restartByPlan()
        interval.restartByPlan()
        #expect(interval.remainingMilliseconds == 100)
    }

    @Test("It can be made due before its time")
    func madeDue() {
        var interval = Interval(milliseconds: 100, clock: hand.clock)
        interval.restart()
        interval.makeDue()
        #expect(interval.isDue)
    }
}
