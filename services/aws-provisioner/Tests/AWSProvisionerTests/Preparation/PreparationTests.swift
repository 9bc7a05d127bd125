import Lifecycle
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import AWSProvisioner

@Suite struct PreparationTests {
    /// Runs all steps against a server with these answers to everything, in order; the last one for ever.
    private func carryOut(
        _ answers: [ScriptedHTTPServer.Reply], millisecondsMax: Int = 5_000, stop: StopSignal = StopSignal(),
        beat: @escaping () -> Void = {}
    ) throws -> (events: [Preparation.Event], error: PreparationError?, requests: Int) {
        let server = try ScriptedHTTPServer { answers[min($0.number, answers.count) - 1] }
        defer { server.stop() }
        var store = OpenSearchSettings()
        store.endpoint = server.url
        var preparation = Preparation(
            store: store, session: store.session(userAgent: "test/1"), userAgent: "test/1", shipperARN: nil)
        preparation.backoff = Backoff(firstMilliseconds: 2, capMilliseconds: 2)
        preparation.millisecondsMax = millisecondsMax
        preparation.beat = beat
        var events: [Preparation.Event] = []
        do throws(PreparationError) {
            try preparation.carryOut(until: stop) { events.append($0) }
            return (events, nil, server.requests.count)
        } catch {
            return (events, error, server.requests.count)
        }
    }

    private static let closed = ScriptedHTTPServer.Reply.answer(
        403, body: #"{"Message":"User: arn:aws:iam::1:user/a is not authorized to perform: es:ESHttpGet"}"#)

    @Test func aDomainThatRefusesUntilItsPolicyIsInEffectIsAskedAgainAndTheReasonToldOnce() throws {
        let wrong = ScriptedHTTPServer.Reply.answer(
            400, body: #"{"error":{"type":"illegal","reason":"so"},"status":400}"#)
        let (events, error, requests) = try carryOut([Self.closed, Self.closed, Self.closed, wrong])
        #expect(requests == 4)
        #expect(events.count == 2)
        #expect(events.first == .began("templates and lifecycle policy"))
        guard case .refused(let reason, _) = events.last else { throw error ?? .init(AnswerError(), isStopped: false) }
        #expect(reason.contains("403"))
        #expect(error.map { "\($0)" }?.contains("illegal: so (400)") == true)
    }

    @Test func aRefusalThatStaysEndsAtTheDeadlineWithItsReason() throws {
        let (_, error, _) = try carryOut([Self.closed], millisecondsMax: 100)
        #expect(error?.isStopped == false)
        #expect(error.map { "\($0)" }?.contains("403") == true)
        #expect(error.map(CommandStatus.of) == 3)
    }

    @Test func whoAsksToStopDoesNotWaitForTheNextTry() throws {
        let stop = StopSignal()
        stop.stop()
        #expect(try carryOut([Self.closed], stop: stop).error?.isStopped == true)
    }

    @Test func eachRequestIsASignOfLifeAndTheLastOneWhenSomebodyAsksToStop() throws {
        let stop = StopSignal()
        var beats = 0
        let (_, error, requests) = try carryOut([.answer(404, body: missing)], stop: stop) {
            beats += 1
            if beats == 3 { stop.stop() }
        }
        #expect(error?.isStopped == true)
        #expect((beats, requests) == (3, 2))
    }

    private let missing = #"{"error":{"type":"resource_not_found_exception","reason":"none"},"status":404}"#

    private struct AnswerError: Error {}
}

@Suite struct RoleMappingTests {
    private static let role = "arn:aws:iam::123456789012:role/shipper"

    /// The requests of a mapping while the server has this one; nil for none.
    private func requests(
        _ arn: String, having mapping: String?
    ) throws -> (requests: [ScriptedHTTPServer.Request], line: String) {
        let server = try ScriptedHTTPServer { request in
            if request.method != "GET" { return .answer(200, body: #"{"status":"OK"}"#) }
            return mapping.map { .answer(200, body: $0) } ?? .answer(404, body: #"{"status":"NOT_FOUND"}"#)
        }
        defer { server.stop() }
        var store = OpenSearchSettings()
        store.endpoint = server.url
        let client = try StoreClient(store, options: .init(userAgent: "test/1"))
        let line = try RoleMapping(arn: arn, store: store).carryOut(client)
        return (server.requests, line)
    }

    @Test func aRoleOfIAMIsABackendRoleAndAUserAUser() throws {
        let (role, line) = try requests(Self.role, having: nil)
        #expect(role.map(\.method) == ["PUT", "GET", "PUT"])
        #expect(role.last?.text == #"{"users":[],"backend_roles":["\#(Self.role)"]}"#)
        #expect(line == "map     role ids-suite-shipper to \(Self.role)")
        let user = try requests("arn:aws:iam::123456789012:user/a", having: nil).requests
        #expect(user.last?.text == #"{"users":["arn:aws:iam::123456789012:user/a"],"backend_roles":[]}"#)
    }

    @Test func whoeverElseHasTheRoleKeepsItAndNothingIsPutTwice() throws {
        let other = #"{"ids-suite-shipper":{"users":["ann"],"backend_roles":["other"]}}"#
        #expect(
            try requests(Self.role, having: other).requests.last?.text
                == #"{"users":["ann"],"backend_roles":["other","\#(Self.role)"]}"#)
        let own = #"{"ids-suite-shipper":{"users":[],"backend_roles":["\#(Self.role)"]}}"#
        #expect(try requests(Self.role, having: own).requests.map(\.method) == ["PUT", "GET"])
    }
}

@Suite struct CanaryTests {
    @Test(arguments: [
        (403, #"{"Message":"User: anonymous is not authorized"}"#, "access policy"),
        (403, #"{"error":{"type":"security_exception","reason":"no permissions"},"status":403}"#, "map this principal"),
        (503, "no healthy upstream", "try again in some minutes"),
        (
            200, #"{"errors":true,"items":[{"create":{"status":403,"error":{"type":"security_exception"}}}]}"#,
            "map this"
        ),
        (404, "<html>", "something other than OpenSearch"),
    ])
    func aRefusalSaysWhoHasRefusedAndWhatHelps(status: Int, body: String, remedy: String) throws {
        let server = try ScriptedHTTPServer { _ in .answer(status, body: body) }
        defer { server.stop() }
        var store = OpenSearchSettings()
        store.endpoint = server.url
        let canary = try Canary(store, StoreClient(store, options: .init(userAgent: "test/1")))
        let refusal = thrown(StoreRefusal.self) { try canary.send() }
        #expect(refusal?.remedy?.contains(remedy) == true, "\(refusal.debugDescription)")
    }
}
