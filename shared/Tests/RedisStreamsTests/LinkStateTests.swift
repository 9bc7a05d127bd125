import ServiceTesting
import Testing

@testable import RedisStreams

@Suite("Whether Redis can be used")
struct LinkStateTests {
    private let hand = ManualClock()

    private func state() -> LinkState { LinkState(backoffMaxMilliseconds: 400, clock: hand.clock) }

    @Test("A failure is told once, pauses, and is over when Redis answers")
    func comesAndGoes() {
        var state = state()
        let lost = RedisError(.connection, "lost")
        let told = [state.fail(lost), state.fail(lost)]
        #expect(told == [true, false] && state.fault == lost && state.pauseEnd != nil)
        hand.advance(milliseconds: 100)
        #expect(state.fault == lost && state.pauseEnd == nil)
        let recovered = [state.succeed(.connected), state.succeed(.stored)]
        #expect(recovered == [true, false] && state.fault == nil)
    }

    @Test("Pauses double up to their bound, and begin anew after a success")
    func pauses() throws {
        for _ in 1...100 {
            var state = state()
            for longest in [50, 100, 200, 400, 400] {
                _ = state.fail(RedisError(.timeout, "silent"))
                let pause = try #require(state.pauseEnd).remainingMilliseconds(at: hand.clock.nanoseconds)
                #expect((25...longest).contains(pause))
            }
            _ = state.succeed(.stored)
            _ = state.fail(RedisError(.timeout, "silent"))
            #expect(try #require(state.pauseEnd).remainingMilliseconds(at: hand.clock.nanoseconds) <= 50)
        }
    }

    @Test("What somebody has to mend is tried again at the slowest pace")
    func slowest() throws {
        var state = state()
        _ = state.fail(RedisError(.notAllowed, "WRONGPASS"))
        #expect(try #require(state.pauseEnd).remainingMilliseconds(at: hand.clock.nanoseconds) == 400)
    }

    @Test(
        "A failure is over only when something has worked that it would have stopped",
        arguments: [
            (RedisError.Code.outOfMemory, LinkState.Evidence.stored), (.readOnly, .wrote), (.misconfigured, .wrote),
            (.loading, .answered), (.notAllowed, .answered), (.connection, .connected),
        ])
    func evidence(code: RedisError.Code, needed: LinkState.Evidence) {
        for evidence in [LinkState.Evidence.connected, .answered, .wrote, .stored] {
            var state = state()
            _ = state.fail(RedisError(code, ""))
            let isOver = state.succeed(evidence)
            #expect(isOver == (evidence >= needed))
        }
    }
}
