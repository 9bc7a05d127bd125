/// The order in which a plan is carried out. It asks nobody and waits for nothing: it says what the next step is, and is told how
/// that went.
///
/// Before each request that changes something, what is about to be asked is kept; after a crash the domain is looked at first. So
/// no request is made twice, wherever the process was killed: a name is one domain in its region and account.
struct DomainWork: Sendable {
    /// How often a request that comes too early is made, and how often a domain may be missing that was made.
    private static let triesMax = 30

    /// What is to be carried out now.
    enum Step: Equatable, Sendable {
        /// Keep this record, so that it outlives a crash.
        case keep(WorkRecord)
        /// Nothing is begun any more.
        case forget
        /// Ask how the domain is; its tags too, if they count still.
        case look(withTags: Bool)
        case create
        case change
        case tag
        /// Wait until the next look.
        case wait(Waiting)
        /// Tell shipper and exporter where it is.
        case publish(endpoint: String)
        /// Put into it what events need.
        case prepare(endpoint: String)
        /// All is done, or what was not to be waited for was begun.
        case done(isReady: Bool)
        case fail(DomainServiceError)
    }

    /// What a wait is for.
    struct Waiting: Equatable, Sendable {
        var progress: ChangeProgress?
        /// What is waited for when AWS tells of no stage.
        var name: String
        /// Failures in a row, after which the next look comes later or earlier than usual.
        var failures = 0
    }

    /// A domain as it was seen.
    struct Sighting: Sendable {
        /// nil when there is none.
        var status: DomainStatus?
        /// nil when they were not asked for.
        var tags: [String: String]?
        var progress: ChangeProgress?
    }

    /// What is next.
    private(set) var step = Step.look(withTags: true)
    /// What is begun.
    private(set) var record: WorkRecord?

    private let plan: DomainPlan
    private let adopts: Bool
    private let waits: Bool
    private let now: Int64
    /// The steps after the one that is next.
    private var following: [Step] = []
    private var isOwned = false
    private var isTagged: Bool
    private var isChangeSent = false
    /// The change before the one that was asked for; nil when none was.
    private var changeBefore: String?
    /// Looks in a row that have failed.
    private var failures = 0
    /// Requests that AWS did not answer, or not as it should.
    private var refusals = 0
    /// Requests that came too early, and looks that did not show what was to be there.
    private var tries = 0
    /// How often a name was taken that no look has shown.
    private var timesTaken = 0
    /// Whether the domain may have been made by a request of which nobody knows what it has done.
    private var isUncertain: Bool
    /// What was kept before the change that is under way.
    private var beforeChange: WorkRecord?

    /// - Parameters:
    ///   - plan: what was agreed to.
    ///   - record: what was begun before, about the same domain.
    ///   - adopts: whether a domain without our tag is taken over.
    ///   - waits: whether the end is waited for.
    ///   - now: seconds since 1970.
    init(_ plan: DomainPlan, after record: WorkRecord?, adopts: Bool, waits: Bool, now: Int64) {
        (self.plan, self.adopts, self.waits, self.now) = (plan, adopts, waits, now)
        isTagged = plan.action == .create || plan.newTags.isEmpty
        self.record = record
        // What was made or deleted before, and is there no longer, has nothing to do with what is made now.
        let isSame = record?.phase == .creating && record?.arn == nil && record?.requestHash == plan.requestHash
        if record?.phase == .deleting || (plan.action == .create && !isSame) { self.record = nil }
        isUncertain = plan.action == .create && isSame
        beforeChange = self.record.flatMap { $0.phase == .changing ? Self.unchanged($0, failed: $0.requestHash) : nil }
    }

    // MARK: - What happened

    /// The step was carried out, and has no result.
    mutating func carriedOut() {
        if case .keep(let kept) = step { record = kept }
        if case .forget = step { record = nil }
        if case .wait = step { step = .look(withTags: !isOwned) } else { advance() }
    }

    /// The domain was looked at.
    mutating func looked(_ sighting: Sighting) {
        failures = 0
        guard let status = sighting.status else { return sawNothing() }
        if status.isDeleted {
            guard plan.action == .create, record?.arn == nil else {
                return fail(DomainServiceError(.missing, "the domain is being deleted"))
            }
            return wait(for: "Deleting the domain that had this name")
        }
        guard owns(status, sighting.tags) else { return }
        if !isTagged { return go(.tag) }
        if plan.action == .change, !isChangeSent { return beginChange(status) }
        if record?.arn == nil || record?.changeID != status.changeID && !status.isReady {
            return go(.keep(seen(status)), .look(withTags: false))
        }
        if !status.isReady {
            if let failure = sighting.progress?.failure { return fail(Self.failed(failure)) }
            if !waits { return go(.done(isReady: false)) }
            return wait(for: Self.words(status), sighting.progress)
        }
        if isChangeSent, !isChanged(status) { return }
        finish(status)
    }

    /// The domain could not be looked at.
    mutating func lookFailed(_ error: DomainServiceError) {
        guard error.code == .passing else { return fail(error) }
        failures += 1
        wait(for: "AWS does not answer", failures: failures)
    }

    /// The domain was asked for.
    mutating func created(_ result: Result<DomainStatus, DomainServiceError>) {
        switch result {
        case .success(let status):
            isOwned = true
            go(.keep(seen(status)), .look(withTags: false))
        case .failure(let error): refused(error)
        }
    }

    /// A change was asked for.
    mutating func changed(_ result: Result<Void, DomainServiceError>) {
        switch result {
        case .success:
            isChangeSent = true
            tries = 0
            go(.look(withTags: false))
        case .failure(let error): refused(error)
        }
    }

    /// Tags were written.
    mutating func tagged(_ result: Result<Void, DomainServiceError>) {
        switch result {
        case .success:
            (isTagged, isOwned) = (true, true)
            go(.look(withTags: false))
        case .failure(let error) where error.code == .passing: refused(error)
        case .failure(let error): fail(error)
        }
    }

    // MARK: - What follows

    private mutating func sawNothing() {
        guard plan.action == .create else { return fail(DomainServiceError(.missing, "the domain is no longer there")) }
        if record?.arn != nil {
            // What was made a moment ago may not be known everywhere yet.
            return tryLater(
                for: "Waiting for the new domain", or: DomainServiceError(.missing, "the domain is gone again"))
        }
        if record != nil { return go(.create) }
        go(.keep(begun(.creating)), .create)
    }

    /// Whether the domain is ours, or is to become that.
    private mutating func owns(_ status: DomainStatus, _ tags: [String: String]?) -> Bool {
        if isOwned { return true }
        if status.account != plan.principal.account {
            fail(DomainServiceError(.exists, "\(status.arn) belongs to another account than \(plan.principal.account)"))
        } else if tags.map(DesiredDomain.isOurs) == true || adopts {
            isOwned = true
        } else {
            fail(
                DomainServiceError(
                    .exists, "there is a domain of this name now that ids-suite has not made",
                    remedy: "choose another name by aws.domain_name, or take it over with `--adopt`"))
        }
        return isOwned
    }

    private mutating func beginChange(_ status: DomainStatus) {
        if has(plan.request, status) {
            isChangeSent = true
            return looked(Sighting(status: status))
        }
        // AWS takes one change at a time.
        guard status.isSettled else { return wait(for: Self.words(status)) }
        changeBefore = status.changeID ?? ""
        var changing = record ?? begun(.changing)
        if changing.phase != .changing || changing.requestHash != plan.requestHash { changing.beganAt = now }
        if !changing.isUsable { changing.endpoint = nil }
        (changing.phase, changing.requestHash, changing.arn) = (.changing, plan.requestHash, status.arn)
        beforeChange = Self.unchanged(changing, failed: plan.requestHash)
        go(.keep(changing), .change)
    }

    /// Whether the change that was asked for is there; else what follows is decided.
    private mutating func isChanged(_ status: DomainStatus) -> Bool {
        if let failure = status.changeFailure, let changeBefore, status.changeID != changeBefore {
            fail(Self.failed(failure))
            return false
        }
        if has(plan.request, status) { return true }
        tryLater(for: "Waiting for the change", or: Self.failed("the domain has not what was asked for"))
        return false
    }

    private mutating func finish(_ status: DomainStatus) {
        guard let endpoint = status.endpoint else { return }
        var made = seen(status)
        (made.phase, made.endpoint) = (.made, endpoint)
        var ready = made
        (ready.phase, ready.failedHash) = (.ready, nil)
        go(.keep(made), .publish(endpoint: endpoint), .prepare(endpoint: endpoint), .keep(ready), .done(isReady: true))
    }

    /// A request to change something was refused, or nobody knows what it has done.
    private mutating func refused(_ error: DomainServiceError) {
        let what = "AWS does not take the request yet"
        switch error.code {
        case .passing:
            isUncertain = true
            refusals += 1
            wait(for: "AWS does not answer", failures: refusals)
        case .tooEarly: tryLater(for: what, or: error)
        // Another process of ours, or this one before, may have made it: that is seen by looking.
        case .exists where timesTaken < (isUncertain ? Self.triesMax : 1):
            timesTaken += 1
            wait(for: what)
        default:
            if let beforeChange { return go(.keep(beforeChange), .fail(error)) }
            if isUncertain { fail(error) } else { go(.forget, .fail(error)) }
        }
    }

    private mutating func tryLater(for name: String, or error: DomainServiceError) {
        tries += 1
        if tries > Self.triesMax { fail(error) } else { wait(for: name) }
    }

    private mutating func wait(for name: String, _ progress: ChangeProgress? = nil, failures: Int = 0) {
        go(.wait(Waiting(progress: progress, name: name, failures: failures)))
    }

    private mutating func fail(_ error: DomainServiceError) {
        if error.code == .failed, let beforeChange { return go(.keep(beforeChange), .fail(error)) }
        go(.fail(error))
    }

    private mutating func go(_ steps: Step...) {
        following = steps
        advance()
    }

    private mutating func advance() {
        if !following.isEmpty { step = following.removeFirst() }
    }

    // MARK: - Records

    private func begun(_ phase: WorkRecord.Phase) -> WorkRecord {
        var record = WorkRecord(
            domain: plan.name, region: plan.region, account: plan.principal.account, phase: phase, beganAt: now)
        record.requestHash = plan.requestHash
        return record
    }

    /// What is begun, with what AWS says about it.
    private func seen(_ status: DomainStatus) -> WorkRecord {
        var record = record ?? begun(.creating)
        record.arn = status.arn
        record.changeID = status.changeID
        return record
    }

    /// What there is when a change does not happen: the domain as it was.
    private static func unchanged(_ changing: WorkRecord, failed: String?) -> WorkRecord {
        var record = changing
        (record.phase, record.requestHash, record.failedHash) = (changing.isUsable ? .ready : .made, nil, failed)
        return record
    }

    private func has(_ request: DomainConfiguration, _ status: DomainStatus) -> Bool {
        request.properties.allSatisfy { property in
            guard let wanted = request[property], let found = status.configuration[property] else { return false }
            return DomainPlan.areSame(found, wanted)
        }
    }

    private static func words(_ status: DomainStatus) -> String {
        if !status.isProcessing, status.isCreated, status.endpoint == nil { return "Waiting for the endpoint" }
        return switch status.state {
        case "Creating"?: "Creating the domain"
        case "Modifying"?: "Changing the domain"
        case let state? where state != "Active": state
        default: "Waiting for AWS"
        }
    }

    private static func failed(_ words: String) -> DomainServiceError {
        DomainServiceError(
            .failed, "AWS could not do it: \(words)",
            remedy: "correct the settings and try again; a domain that was not made has to be destroyed first")
    }
}
