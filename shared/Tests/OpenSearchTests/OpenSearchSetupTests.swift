import HTTPClient
import HTTPTypes
import Lifecycle
import Pipeline
import Settings
import Testing

@testable import OpenSearch

/// The plan and its carrying out, without a store.
@Suite struct OpenSearchSetupTests {
    private let objects = ManagedObjects.all(OpenSearchSettings())

    private func setup(isDryRun: Bool = false) -> OpenSearchSetup {
        OpenSearchSetup(objects, isDryRun: isDryRun, backoff: Backoff(firstMilliseconds: 10, capMilliseconds: 10))
    }

    private static let missing = #"{"error":{"type":"resource_not_found_exception","reason":"none"},"status":404}"#

    private func response(_ status: Int, _ body: String) -> Result<ClientResponse, HTTPError> {
        .success(ClientResponse(HTTPStatus(status), body: Array(body.utf8)))
    }

    /// What the store says of an object; `ahead` of our version, and of our settings or of others.
    private func found(_ object: ManagedObject, ahead: Int = 0, fingerprint: String? = nil) -> String {
        let version = ManagedObject.version + ahead
        let fingerprint = fingerprint ?? object.fingerprint
        let meta = #"{"_meta":{"version":\#(version),"fingerprint":"\#(fingerprint)"}}"#
        return switch object.kind {
        case .componentTemplate: #"{"component_templates":[{"name":"x","component_template":\#(meta)}]}"#
        case .indexTemplate: #"{"index_templates":[{"name":"x","index_template":\#(meta)}]}"#
        case .lifecyclePolicy:
            #"""
            {"_id":"x","_seq_no":7,"_primary_term":2,
             "policy":{"description":"Ours [opensearch-shipper \#(version) \#(fingerprint)]"}}
            """#
        }
    }

    /// Gives each step its answer until the setup has finished or failed; the steps that it made.
    private func run(
        _ setup: inout OpenSearchSetup, at now: Int64 = 1,
        _ answer: (OpenSearchSetup.Step) -> Result<ClientResponse, HTTPError>
    ) -> [OpenSearchSetup.Step] {
        var steps: [OpenSearchSetup.Step] = []
        while let step = setup.takeStep(at: now) {
            let secondStep = setup.takeStep(at: now)
            #expect(secondStep == nil, "one request at a time")
            steps.append(step)
            setup.answered(answer(step), to: step, sentAt: now, now: now)
        }
        return steps
    }

    private var lookUps: [OpenSearchSetup.Step] { objects.indices.map { .lookUp($0) } }

    @Test func whatIsMissingIsPutInTheOrderOfItsUse() {
        var setup = setup()
        let steps = run(&setup) { step in
            if case .put = step { response(200, #"{"acknowledged":true}"#) } else { response(404, Self.missing) }
        }
        #expect(steps == lookUps + objects.indices.map { .put($0, over: nil) })
        #expect(setup.isFinished)
        #expect(setup.plan == objects.map { _ in .create })
        #expect(setup.trouble == nil)
        #expect(setup.nextDue == nil)
        #expect(
            objects.map(\.kind) == [
                .componentTemplate, .componentTemplate, .componentTemplate, .indexTemplate, .lifecyclePolicy,
            ])
    }

    @Test func aDryRunOnlyLooks() {
        var setup = setup(isDryRun: true)
        let steps = run(&setup) { _ in response(404, Self.missing) }
        #expect(steps == lookUps)
        #expect(setup.isFinished)
        #expect(setup.plan == objects.map { _ in .create })
    }

    @Test(arguments: [(-1, nil), (0, "0"), (0, nil), (1, nil), (1, "0"), (100, "0")] as [(Int, String?)])
    func onlyWhatIsOlderOrOfOtherSettingsIsReplaced(ahead: Int, fingerprint: String?) {
        var setup = setup()
        let steps = run(&setup) { step in
            switch step {
            case .lookUp(let index): response(200, found(objects[index], ahead: ahead, fingerprint: fingerprint))
            case .put: response(200, #"{"_id":"x","acknowledged":true}"#)
            }
        }
        let version = Int64(ManagedObject.version + ahead)
        let isKept = ahead > 0 || ahead == 0 && fingerprint == nil
        #expect(steps.count == (isKept ? 5 : 10))
        #expect(setup.isFinished)
        let decision: SetupDecision =
            ahead > 0 ? .keepNewer(version) : isKept ? .keep : .update(from: version)
        #expect(setup.plan == objects.map { _ in decision })
        let last = OpenSearchSetup.Step.put(4, over: OpenSearchSetup.Revision(sequenceNumber: 7, primaryTerm: 2))
        if !isKept { #expect(steps.last == last, "a policy is replaced by its revision") }
    }

    @Test(arguments: ["{}", #"{"policy":{"description":"somebody's"}}"#, #"{"index_templates":[]}"#])
    func whatIsNotOursIsReplaced(body: String) {
        var setup = setup(isDryRun: true)
        _ = run(&setup) { _ in response(200, body) }
        #expect(setup.plan == objects.map { _ in .update(from: 0) })
    }

    @Test func aPolicyThatTheStoreDoesNotTakeIsLeft() {
        for refusedStep in [4, 9] {
            var setup = setup()
            var count = 0
            let steps = run(&setup) { step in
                defer { count += 1 }
                if count == refusedStep { return response(400, #"{"error":"no handler found"}"#) }
                if case .put = step { return response(200, #"{"acknowledged":true}"#) }
                return response(404, Self.missing)
            }
            #expect(setup.isFinished)
            #expect(steps.count == (refusedStep == 4 ? 9 : 10))
            #expect(setup.plan.prefix(4) == [.create, .create, .create, .create])
            guard case .unsupported(let reason)? = setup.plan.last else {
                Issue.record("\(setup.plan)")
                continue
            }
            #expect(reason.contains("no handler found"))
        }
    }

    @Test("A store takes the policies of all classes or none")
    func allPoliciesOrNone() {
        var settings = OpenSearchSettings()
        settings.classes = .on
        let objects = ManagedObjects.all(settings)
        for refusedStep in [4, 11] {
            var setup = OpenSearchSetup(objects, backoff: Backoff(firstMilliseconds: 10, capMilliseconds: 10))
            var count = 0
            let steps = run(&setup) { step in
                defer { count += 1 }
                if count == refusedStep { return response(400, #"{"error":"no handler found"}"#) }
                if case .put = step { return response(200, #"{"acknowledged":true}"#) }
                return response(404, Self.missing)
            }
            #expect(setup.isFinished)
            #expect(!steps.contains(.put(5, over: nil)) && !steps.contains(.put(6, over: nil)))
            #expect(
                setup.plan.suffix(3).allSatisfy { if case .unsupported = $0 { true } else { false } }, "\(setup.plan)")
        }
    }

    @Test("A fault at a policy passes, and is waited for", arguments: [500, 502, 503])
    func aFaultAtAPolicyIsWaitedFor(status: Int) {
        var setup = setup()
        var (now, faultCount) = (Int64(1), 0)
        for _ in 0..<3 {
            _ = run(&setup, at: now) { step in
                guard case .put(let index, _) = step else { return response(404, Self.missing) }
                if index < 4 || faultCount == 2 { return response(200, #"{"acknowledged":true}"#) }
                faultCount += 1
                return response(status, "")
            }
            #expect(setup.isFinished == (faultCount == 2 && setup.trouble == nil))
            now += 20_000_000
        }
        #expect(setup.isFinished && setup.plan.last == .create)
    }

    @Test(arguments: [401, 403, 404, 429, 503])
    func aFailureIsToldAndAllIsTriedAgainLater(status: Int) {
        var setup = setup()
        let error = #"{"error":{"type":"some_exception","reason":"because"},"status":\#(status)}"#
        let steps = run(&setup) { _ in response(status, error) }
        #expect(steps == [.lookUp(0)])
        #expect(setup.trouble?.contains("because") == true)
        #expect(setup.trouble?.contains("ids-suite-suricata-settings") == true)
        #expect((setup.failure?.cause as? OpenSearchError)?.status == status)
        let later = run(&setup, at: 11_000_000) { step in
            if case .lookUp(let index) = step { response(200, found(objects[index])) } else { response(500, "") }
        }
        #expect(later == lookUps)
        #expect(setup.isFinished)
        #expect(setup.trouble == nil)
    }

    /// A store that may be looked at and not written is asked ever more rarely, and is in trouble all the time.
    @Test func aLookThatSucceedsEndsNoPause() {
        var setup = OpenSearchSetup(objects, backoff: Backoff(firstMilliseconds: 100, capMilliseconds: 30_000))
        var now: Int64 = 1
        var stepCount = 0
        for _ in 0..<1_000 {
            guard let due = setup.nextDue else { break }
            now = max(now, due)
            if now > 3_600_000_000_000 { break }
            guard let step = setup.takeStep(at: now) else { continue }
            stepCount += 1
            let answer =
                if case .put = step {
                    response(403, #"{"error":{"type":"security_exception","reason":"no"},"status":403}"#)
                } else {
                    response(404, Self.missing)
                }
            setup.answered(answer, to: step, sentAt: now, now: now)
            if stepCount > objects.count { #expect(setup.trouble?.contains("security_exception") == true) }
        }
        // An hour of pauses of up to 30 seconds, 15 on average.
        #expect(now > 1_800_000_000_000, "\(stepCount) steps in \(now / 1_000_000_000) s")
    }

    @Test func whoeverIsTooLateLooksAgain() {
        var setup = setup()
        let steps = run(&setup) { step in
            if case .put(4, _) = step { return response(409, #"{"error":{"type":"version_conflict"}}"#) }
            if case .put = step { return response(200, #"{"acknowledged":true}"#) }
            return response(404, Self.missing)
        }
        #expect(steps.count == 10)
        #expect(!setup.isFinished)
        let next = setup.takeStep(at: 11_000_000)
        #expect(next == .lookUp(0))
    }

    @Test(arguments: ["", "<html>", "[]"])
    func anAnswerThatIsNotOpenSearchsIsAFailure(body: String) {
        var setup = setup()
        let steps = run(&setup) { _ in response(200, body) }
        #expect(steps == [.lookUp(0)])
        #expect(setup.trouble != nil)
    }

    @Test func afterAnInterruptionEverythingIsLookedUpAgain() {
        var setup = setup()
        _ = run(&setup) { step in
            if case .lookUp(let index) = step { response(200, found(objects[index])) } else { response(500, "") }
        }
        setup.doubt()
        #expect(!setup.isFinished)
        let next = setup.takeStep(at: 2)
        #expect(next == .lookUp(0))
    }

    @Test func whereSomebodyElseSetsUpThereIsNothingToDo() {
        var setup = OpenSearchSetup([], backoff: Backoff(firstMilliseconds: 10, capMilliseconds: 100))
        #expect(setup.isFinished)
        let next = setup.takeStep(at: 1)
        #expect(next == nil)
    }
}
