import HTTPServer
import HTTPTypes
import Lifecycle
import ServiceTesting
import Testing

@testable import APIDescription

@Suite struct IdempotencyTests {
    private let clock = ManualClock()
    private let requests: IdempotentRequests

    init() {
        requests = IdempotentRequests(clock: clock.clock)
    }

    private struct Failure: Error {}

    private func call(
        _ key: String?, body: String = "{}", path: String = "/things", by name: String = "ana", cookie: String = "one"
    ) -> Call {
        var fields: HTTPFields = ["cookie": cookie]
        if let key { fields["idempotency-key"] = key }
        var request = ServerRequest(
            .post, path: path, fields: fields, peer: .network(address: "127.0.0.1", port: 1), body: Array(body.utf8))
        request.caller = Caller(name: name, role: .admin)
        return Call(request)
    }

    /// How often each of these calls, one after the other, is carried out.
    private func timesCarriedOut(_ calls: [Call], answer: Answer = .whole(ServerResponse(.created, text: "made")))
        -> Int
    {
        var count = 0
        for call in calls {
            _ = try? requests.answer(to: call, of: "make") { _ in
                count += 1
                return answer
            }
        }
        return count
    }

    @Test func aRequestThatComesAgainGetsTheAnswerOfBefore() throws {
        let first = try requests.answer(to: call("k"), of: "make") { _ in .whole(ServerResponse(.created, text: "made"))
        }
        let second = try requests.answer(to: call("k"), of: "make") { _ in throw Failure() }
        guard case .whole(let one) = first, case .whole(let other) = second else { throw Failure() }
        #expect(other.status == .created && other.body == one.body)
        #expect(other.fields["idempotent-replayed"] == "true" && one.fields["idempotent-replayed"] == nil)
    }

    @Test func withoutAKeyAndWithOtherOnesEachIsCarriedOut() {
        #expect(timesCarriedOut([call(nil), call(nil), call("a"), call("b")]) == 4)
        #expect(timesCarriedOut([call("c"), call("c", by: "ben"), call("c", cookie: "two")]) == 3)
    }

    @Test func aKeyBelongsToOneRequest() throws {
        #expect(timesCarriedOut([call("k")]) == 1)
        for other in [call("k", body: "{\"a\":1}"), call("k", path: "/things/2")] {
            let refusal = try #require(throws: Refusal.self) {
                try requests.answer(to: other, of: "make") { _ in throw Failure() }
            }
            #expect(refusal.response.status == .unprocessableContent)
        }
    }

    @Test func whatIsUnderWayIsNotBegunAgain() throws {
        _ = try requests.answer(to: call("k"), of: "make") { call in
            let refusal = try #require(throws: Refusal.self) {
                try requests.answer(to: call, of: "make") { _ in throw Failure() }
            }
            #expect(refusal.response.status == .conflict)
            return .whole(ServerResponse())
        }
    }

    @Test func whatIsUnderWayIsNotForgottenForOthers() throws {
        _ = try requests.answer(to: call("k"), of: "make") { call in
            let others = (0...IdempotentRequests.countMax).map { self.call("\($0)") }
            #expect(timesCarriedOut(others) == others.count)
            #expect(timesCarriedOut([call]) == 0)
            return .whole(ServerResponse())
        }
    }

    @Test func whatChangedNothingMayBeTriedAgain() {
        #expect(timesCarriedOut([call("a"), call("a")], answer: .whole(ServerResponse(.conflict))) == 2)
        #expect(throws: Failure.self) { try requests.answer(to: call("b"), of: "make") { _ in throw Failure() } }
        #expect(timesCarriedOut([call("b"), call("b")]) == 1)
    }

    @Test func aLongAnswerIsNotKeptButThatItWasCarriedOutIs() {
        let long = ServerResponse(body: [UInt8](repeating: 0, count: IdempotentRequests.answerBytesMax + 1))
        #expect(timesCarriedOut([call("k"), call("k")], answer: .whole(long)) == 1)
    }

    @Test func keysAreForgottenAfterAnHourAndBeyondTheirNumber() {
        #expect(timesCarriedOut([call("old")]) == 1)
        clock.advance(milliseconds: 3_600_001)
        #expect(timesCarriedOut([call("old")]) == 1)
        #expect(timesCarriedOut((0..<IdempotentRequests.countMax).map { call("\($0)") }) == IdempotentRequests.countMax)
        #expect(timesCarriedOut([call("old"), call("255")]) == 1)
    }

    @Test func tagsAreTheFirstPartOfThePath() {
        for (path, tag) in [("/dead-letters/{id}", "Dead letters"), ("/users", "Users")] {
            let operation = Operation(
                .get, path, id: "a", "", access: .open, returns: [], .atOnce { _ in .whole(ServerResponse()) })
            #expect(operation.tag == tag)
        }
    }
}
