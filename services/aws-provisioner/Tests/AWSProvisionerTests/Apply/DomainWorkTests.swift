import Testing

@testable import AWSProvisioner

/// AWS, the disk and the store, as they are across crashes.
private final class World {
    /// How many looks it takes for what was asked for to be there.
    private static let looksUntilReady = 3

    var record: WorkRecord?
    var status: DomainStatus?
    var tags: [String: String] = [:]
    var creations = 0
    var changes = 0
    var published: [String] = []
    var preparations = 0
    /// What creations are answered before they work.
    var refusals: [DomainServiceError] = []
    /// What changes are answered before they work, and what AWS says about those that it takes and cannot carry out.
    var changeRefusals: [DomainServiceError] = []
    var changeFailure: String?
    /// The waits for an AWS that does not answer: how many failures each comes after.
    var failures: [Int] = []
    private var looksLeft = 0

    enum End: Equatable {
        case done(isReady: Bool)
        case failed(DomainServiceError)
        case crashed
    }

    func look() throws -> DomainWork.Sighting {
        guard let status else { return DomainWork.Sighting() }
        if looksLeft > 0 { looksLeft -= 1 }
        if looksLeft == 0, status.isProcessing { self.status?.isProcessing = false }
        if looksLeft == 0 { self.status?.endpoint = "https://e" }
        return DomainWork.Sighting(status: self.status, tags: tags)
    }

    func create() throws -> Result<DomainStatus, DomainServiceError> {
        if !refusals.isEmpty { return .failure(refusals.removeFirst()) }
        if status != nil { return .failure(DomainServiceError(.exists, "it is there")) }
        creations += 1
        var made = try defaultDomain(#""Created":true,"Endpoint":null"#)
        (made.endpoint, made.isProcessing, made.changeID) = (nil, true, "c1")
        (status, tags, looksLeft) = (made, ["ids-suite:managed-by": "aws-provisioner"], Self.looksUntilReady)
        return .success(made)
    }

    func change(_ request: DomainConfiguration) -> Result<Void, DomainServiceError> {
        if !changeRefusals.isEmpty { return .failure(changeRefusals.removeFirst()) }
        changes += 1
        if let changeFailure {
            status?.changeID = "failed"
            status?.changeFailure = changeFailure
            return .success(())
        }
        for property in request.properties { status?.configuration[property] = request[property] }
        status?.isProcessing = true
        status?.changeID = "c2"
        looksLeft = Self.looksUntilReady
        return .success(())
    }

    /// Runs as `apply` does, for so many steps; what crashes, crashes before a step is carried out, or before anybody has been
    /// told that it was.
    func apply(
        _ set: [String: String] = [:], crashingAt crash: Int = .max, afterStep: Bool = false, waits: Bool = true,
        adopts: Bool = false
    ) throws -> End {
        let plan = try plan(set.merging(["sensor.name": "home"]) { $1 }, status: status, tags: tags, adopts: adopts)
        if let obstacle = plan.obstacle { return .failed(obstacle) }
        var work = DomainWork(plan, after: record, adopts: adopts, waits: waits, now: 1_000)
        for number in 0..<500 {
            if number == crash, !afterStep { return .crashed }
            let tell: () -> Void
            switch work.step {
            case .keep(let kept):
                record = kept
                tell = { work.carriedOut() }
            case .forget:
                record = nil
                tell = { work.carriedOut() }
            case .look:
                let sighting = try look()
                tell = { work.looked(sighting) }
            case .create:
                let result = try create()
                tell = { work.created(result) }
            case .change:
                let result = change(plan.request)
                tell = { work.changed(result) }
            case .tag:
                for tag in plan.newTags { tags[tag.key] = tag.value }
                tell = { work.tagged(.success(())) }
            case .wait(let waiting):
                if waiting.failures > 0 { failures.append(waiting.failures) }
                tell = { work.carriedOut() }
            case .publish(let endpoint):
                published.append(endpoint)
                tell = { work.carriedOut() }
            case .prepare:
                preparations += 1
                tell = { work.carriedOut() }
            case .done(let isReady): return .done(isReady: isReady)
            case .fail(let error): return .failed(error)
            }
            if number == crash { return .crashed }
            tell()
        }
        throw EndlessWork()
    }

    struct EndlessWork: Error {}
}

@Suite struct DomainWorkTests {
    @Test(arguments: 0..<30, [false, true])
    func killedAtAnyStepTheNextRunComesToTheSameEnd(crash: Int, afterStep: Bool) throws {
        let world = World()
        let first = try world.apply(crashingAt: crash, afterStep: afterStep)
        #expect(first == .crashed || first == .done(isReady: true))
        #expect(try world.apply() == .done(isReady: true))
        #expect(world.creations == 1)
        #expect(world.published.last == "https://e")
        #expect(world.preparations >= 1)
        #expect(world.record?.phase == .ready)
        #expect(world.record?.beganAt == 1_000)
    }

    @Test func killedTwiceItMakesOneDomain() throws {
        for one in 0..<20 {
            for other in 0..<20 {
                let world = World()
                _ = try world.apply(crashingAt: one, afterStep: true)
                _ = try world.apply(crashingAt: other, afterStep: true)
                #expect(try world.apply() == .done(isReady: true))
                #expect(world.creations == 1, "\(one), \(other)")
            }
        }
    }

    @Test(arguments: 0..<30, [false, true])
    func aChangeIsAskedForOnceWhereverItIsKilled(crash: Int, afterStep: Bool) throws {
        let world = World()
        #expect(try world.apply() == .done(isReady: true))
        _ = try world.apply(["aws.volume_gib": "20"], crashingAt: crash, afterStep: afterStep)
        #expect(try world.apply(["aws.volume_gib": "20"]) == .done(isReady: true))
        #expect(world.changes == 1)
        #expect(world.status?.configuration[.volumeGiB] == .number(20))
    }

    @Test func whatIsAskedForIsKeptBeforeItIsAskedFor() throws {
        let world = World()
        #expect(try world.apply(crashingAt: 2) == .crashed)
        #expect(world.creations == 0)
        let kept = try #require(world.record)
        #expect((kept.phase, kept.arn) == (.creating, nil))
        #expect(kept.requestHash?.count == 64)
        #expect(try plan(["sensor.name": "home"]).isAgreed(by: kept))
        #expect(try !plan(["sensor.name": "home", "aws.volume_gib": "20"]).isAgreed(by: kept))
    }

    @Test func anAnswerThatIsLostIsFoundByLooking() throws {
        let world = World()
        world.refusals = [
            DomainServiceError(.passing, "no answer"), DomainServiceError(.passing, "no answer"),
            DomainServiceError(.tooEarly, "role not propagated"),
        ]
        #expect(try world.apply() == .done(isReady: true))
        #expect(world.creations == 1)
    }

    @Test func whatIsRefusedForGoodIsForgotten() throws {
        let world = World()
        let refusal = DomainServiceError(.quota, "too many")
        world.refusals = [refusal]
        #expect(try world.apply() == .failed(refusal))
        #expect(world.record == nil)
    }

    @Test func whatStaysTooEarlyIsGivenUp() throws {
        let world = World()
        let refusal = DomainServiceError(.tooEarly, "still being deleted")
        world.refusals = Array(repeating: refusal, count: 100)
        #expect(try world.apply() == .failed(refusal))
        #expect(world.refusals.count == 69)
    }

    @Test func aNameThatSomebodyElseHasIsTold() throws {
        let world = World()
        let refusal = DomainServiceError(.exists, "taken")
        world.refusals = [refusal, refusal]
        #expect(try world.apply() == .failed(refusal))
        #expect(world.record == nil)
    }

    @Test(arguments: [false, true])
    func aChangeThatIsRefusedLeavesTheDomainReadyAndIsNotAskedForAgainUnasked(isTaken: Bool) throws {
        let world = World()
        #expect(try world.apply() == .done(isReady: true))
        let ready = try #require(world.record)
        let refusal = DomainServiceError(.invalid, "not so")
        if isTaken { world.changeFailure = "not so" } else { world.changeRefusals = [refusal] }
        let set = ["aws.volume_gib": "20"]
        guard case .failed = try world.apply(set) else { return #expect(Bool(false), "it cannot be done") }
        let record = try #require(world.record)
        #expect((record.phase, record.endpoint, record.arn) == (.ready, "https://e", ready.arn))
        let again = try plan(set.merging(["sensor.name": "home"]) { $1 }, status: world.status, tags: world.tags)
        #expect(again.action == .change)
        #expect(!again.isAgreed(by: record) && !again.isAllowedUnasked(after: record))
        // Another change is another matter, and so is a person who wants it all the same.
        let other = try plan(["aws.volume_gib": "30"], status: world.status, tags: world.tags)
        #expect(other.isAllowedUnasked(after: record))
        world.changeFailure = nil
        world.status?.changeFailure = nil
        #expect(try world.apply(set) == .done(isReady: true))
        #expect(world.record?.failedHash == nil)
    }

    @Test func aDomainCanBeUsedWhileItIsChanged() throws {
        let world = World()
        #expect(try world.apply() == .done(isReady: true))
        #expect(try world.apply(["aws.volume_gib": "20"], waits: false) == .done(isReady: false))
        #expect(world.record?.phase == .changing)
        #expect(world.record?.isUsable == true)
    }

    @Test func aChangeOfADomainThatWasNeverReadyDoesNotMakeItSo() throws {
        let world = World()
        (world.status, world.tags) = (try defaultDomain(), ["ids-suite:managed-by": "aws-provisioner"])
        world.changeRefusals = [DomainServiceError(.invalid, "not so")]
        guard case .failed = try world.apply(["aws.volume_gib": "20"]) else { return #expect(Bool(false)) }
        #expect(world.record?.phase == .made)
        #expect(world.record?.isUsable == false)
    }

    @Test func theLongerAWSFailsTheRarerItIsAsked() throws {
        let world = World()
        world.refusals = Array(repeating: DomainServiceError(.passing, "no answer"), count: 4)
        #expect(try world.apply() == .done(isReady: true))
        #expect(world.failures == [1, 2, 3, 4])
    }

    @Test func aDomainThatMayHaveBeenMadeIsNotForgotten() throws {
        let world = World()
        let taken = DomainServiceError(.exists, "taken")
        world.refusals = [
            DomainServiceError(.tooEarly, "role not propagated"), DomainServiceError(.passing, "no answer"), taken,
            taken,
        ]
        #expect(try world.apply() == .done(isReady: true))
        let other = World()
        other.refusals = [DomainServiceError(.passing, "no answer"), DomainServiceError(.denied, "no")]
        guard case .failed = try other.apply() else { return #expect(Bool(false), "it was refused") }
        #expect(other.record?.phase == .creating)
    }

    @Test func withoutWaitingItEndsAsSoonAsAWSWorks() throws {
        let world = World()
        #expect(try world.apply(waits: false) == .done(isReady: false))
        #expect((world.creations, world.preparations) == (1, 0))
        #expect(world.record?.arn != nil)
        #expect(try world.apply() == .done(isReady: true))
    }

    @Test func aDomainIsAdoptedByItsTag() throws {
        let world = World()
        world.status = try defaultDomain()
        guard case .failed = try world.apply() else { return #expect(Bool(false), "it is none of ours") }
        #expect(try world.apply(adopts: true) == .done(isReady: true))
        #expect(world.tags["ids-suite:managed-by"] == "aws-provisioner")
        #expect(try world.apply() == .done(isReady: true))
        #expect(world.creations == 0)
    }

    @Test func aDomainThatComesUpBetweenPlanAndRequestIsNotTaken() throws {
        var work = DomainWork(try plan(), after: nil, adopts: false, waits: true, now: 0)
        work.looked(DomainWork.Sighting(status: try defaultDomain(), tags: [:]))
        guard case .fail(let error) = work.step else { return #expect(Bool(false), "\(work.step)") }
        #expect(error.code == .exists)
        var other = DomainWork(try plan(), after: nil, adopts: true, waits: true, now: 0)
        other.looked(
            DomainWork.Sighting(status: try domainStatus(arn: "arn:aws:es:eu-central-1:2:domain/ids-suite"), tags: [:]))
        guard case .fail = other.step else { return #expect(Bool(false), "\(other.step)") }
    }

    @Test func aCreationThatFailsTellsWhy() throws {
        var work = DomainWork(try plan(), after: nil, adopts: false, waits: true, now: 0)
        var status = try domainStatus(#""Created":false,"Processing":true,"DomainProcessingStatus":"Creating""#)
        status.changeID = "c"
        work.looked(DomainWork.Sighting())
        work.carriedOut()
        #expect(work.step == .create)
        work.created(.success(status))
        work.carriedOut()
        work.looked(
            DomainWork.Sighting(
                status: status,
                progress: JSONProgress(#"{"Status":"FAILED","ValidationFailures":[{"Message":"no room"}]}"#).value))
        guard case .fail(let error) = work.step else { return #expect(Bool(false), "\(work.step)") }
        #expect(error.message.contains("no room"))
    }

    @Test func aNetworkThatIsAwayIsWaitedFor() throws {
        var work = DomainWork(try plan(), after: nil, adopts: false, waits: true, now: 0)
        for failures in 1...3 {
            work.lookFailed(DomainServiceError(.passing, "no answer"))
            guard case .wait(let waiting) = work.step else { return #expect(Bool(false), "\(work.step)") }
            #expect(waiting.failures == failures)
            work.carriedOut()
            #expect(work.step == .look(withTags: true))
        }
        let denied = DomainServiceError(.denied, "no")
        work.lookFailed(denied)
        #expect(work.step == .fail(denied))
    }
}
