import Testing

@testable import ControlPlane

@Suite("A configuration on trial")
struct TrialTests {
    private var trial = Trial([.init(service: "reader", startedBefore: "10:00")], patienceSeconds: 60)

    private func look(_ started: String, ready: Bool = true, silence: String? = nil) -> [SettingsInForce] {
        var look = SettingsInForce(service: "reader")
        (look.started, look.isReady, look.silence) = (started, ready, silence)
        look.reason = ready ? nil : "redis: connection refused"
        return [look]
    }

    @Test mutating func waitsForARestartHoweverLongItTakes() {
        #expect(trial.judge(look("10:00"), now: 0) == .open)
        #expect(trial.judge(look("10:00"), now: 100_000) == .open)
        #expect(trial.services == [.init(name: "reader", course: .waiting, reason: nil)])
    }

    @Test mutating func isKeptWhenTheServiceHasBeenReadyForAWhile() {
        #expect(trial.judge(look("10:05"), now: 0) == .open)
        #expect(trial.judge(look("10:05"), now: 2) == .open)
        #expect(trial.judge(look("10:05"), now: 3) == .keep)
    }

    @Test mutating func isTakenBackWhenTheServiceIsNotReadyInTime() {
        #expect(trial.judge(look("10:05", ready: false), now: 0) == .open)
        #expect(trial.judge(look("10:05", ready: false), now: 59) == .open)
        #expect(
            trial.judge(look("10:05", ready: false), now: 60)
                == .rollBack("reader was not ready after 60 s: redis: connection refused"))
    }

    @Test mutating func isTakenBackWhenNothingAnswers() {
        #expect(trial.judge(look("", silence: "nothing answers at a:1"), now: 0) == .open)
        #expect(trial.judge([], now: 60) == .rollBack("reader was not ready after 60 s: it is no longer watched"))
    }

    @Test mutating func aServiceThatEndsAgainAndAgainIsNotReady() {
        for second in 0..<60 {
            let isUp = second % 2 == 0
            #expect(trial.judge(look("10:\(second)", silence: isUp ? nil : "away"), now: Int64(second)) == .open)
        }
        #expect(trial.judge(look("", silence: "away"), now: 61) == .rollBack("reader was not ready after 60 s: away"))
    }

    @Test mutating func aServiceThatRecoversHasItsWholeTimeAgain() {
        #expect(trial.judge(look("10:05", ready: false), now: 0) == .open)
        var two = Trial(trial.watched + [.init(service: "slow", startedBefore: "10:00")], patienceSeconds: 60)
        for second in 0...10 { _ = two.judge(look("10:05"), now: Int64(second)) }
        _ = two.judge(look("10:05", ready: false), now: 11)
        guard case .rollBack(let reason) = two.judge(look("10:05", ready: false), now: 62) else {
            Issue.record("the other one has never answered")
            return
        }
        #expect(reason.hasPrefix("slow "))
    }
}
