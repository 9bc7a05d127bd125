import Digest
import JSON
import OpenSearch
import Settings

/// What is to be done to come from what there is to what is wanted: worked out without asking anybody.
struct DomainPlan: Sendable {
    /// The usual time for a domain to be made, and to be changed, in minutes.
    static let creationMinutes = 15...25
    static let changeMinutes = 15...60

    /// What happens to one property.
    enum Mark: String, Sendable {
        case made = "+"
        case changed = "~"
        case kept = "="
    }

    /// One line for people.
    struct Line: Sendable, Equatable {
        let mark: Mark
        let title: String
        let text: String
        /// What they should know about it; empty for nothing.
        var remark = ""
    }

    /// What is to be asked of AWS.
    enum Action: String, Sendable {
        case create
        case change
        /// Only tags are written.
        case tag
        case nothing
    }

    let name: String
    let region: String
    let principal: Principal
    /// The domain that is there; nil when there is none, or one that is being deleted.
    let status: DomainStatus?
    let isBeingDeleted: Bool
    let action: Action
    let lines: [Line]
    /// What stands in the way; nil when nothing does.
    let obstacle: DomainServiceError?
    /// The values that the request for ``action`` has.
    let request: DomainConfiguration
    /// The tags that are written: with a new domain, or on one that is there.
    let newTags: [AWSTag]
    let cost: CostEstimate
    let volumeGiB: Int
    let machineCount: Int
    /// What comes in and how long there is room, as measured in the domain that is there; nil when that is not known.
    private(set) var forecast: StorageForecast?

    /// - Parameter adopts: whether a domain that is none of ours is to become one.
    init(_ desired: DesiredDomain, _ survey: DomainSurvey, adopts: Bool) {
        (name, region, principal) = (desired.name, survey.region, survey.principal)
        // One that is being deleted is as good as gone: a new one waits for its end.
        let found = survey.living
        status = found
        isBeingDeleted = survey.status?.isDeleted == true
        var lines: [Line] = []
        var request = DomainConfiguration()
        for wish in desired.wishes {
            let wanted = wish.property.text(wish.value)
            guard let line = Self.line(wish, wanted, found?.configuration) else { continue }
            if line.mark != .kept { request[wish.property] = wish.value }
            if !wish.property.isImplied || !line.remark.isEmpty { lines.append(line) }
        }
        if let found { Self.complete(&request, with: found.configuration) }
        self.request = request

        newTags = desired.tags.filter { found == nil || Self.isMissing($0, in: survey.tags) }
        lines += newTags.map { Line(mark: .made, title: "tag", text: "\($0.key)=\($0.value)") }
        if let found, adopts, !DesiredDomain.isOurs(survey.tags), found.account == survey.principal.account {
            lines.append(
                Line(
                    mark: .made, title: "storage guard",
                    text: "deletes the oldest indexes when the volume is nearly full, those with alerts last",
                    remark: "opensearch.storage_guard: false leaves all of them"))
        }
        self.lines = lines
        action =
            found == nil ? .create : !request.isEmpty ? .change : !newTags.isEmpty ? .tag : .nothing
        obstacle = found.flatMap { Self.obstacle($0, survey, adopts: adopts) }

        let now = { (property: DomainProperty) in
            request[property] ?? found?.configuration[property]
                ?? desired.wishes.first { $0.property == property }?.value
        }
        let number = { (property: DomainProperty) in if case .number(let number) = now(property) { number } else { 0 } }
        let machine = if case .text(let type) = now(.instanceType) { type } else { "" }
        volumeGiB = number(.volumeGiB)
        machineCount = max(1, number(.instanceCount))
        cost = CostEstimate(region: region, machine: machine, count: machineCount, volumeGiB: volumeGiB)
    }

    /// The hash of all that is asked for: what a person has agreed to.
    var requestHash: String { Hexadecimal.text(of: SHA256.hash(body)) }

    /// The body of the request for ``action``.
    var body: [UInt8] {
        JSONWriter.object { json in
            if action == .create { json.member("DomainName", name) }
            request.write(to: &json)
            if action == .create { json.member("TagList", tags: newTags) }
        }
    }

    /// What the plan says about a property; nil when nothing can be said.
    private static func line(
        _ wish: DesiredDomain.Wish, _ wanted: String, _ found: DomainConfiguration?
    ) -> Line? {
        guard let found else { return Line(mark: .made, title: wish.property.title, text: wanted) }
        // Nobody is told who the master is, and a request for the same one would be a change.
        if wish.property == .master { return nil }
        let value: DomainProperty.Value
        if let known = found[wish.property] {
            value = known
        } else if case .flag = wish.value {
            value = .flag(false)
        } else {
            return nil
        }
        let title = wish.property.title
        let text = wish.property.text(value)
        if areSame(value, wish.value) { return Line(mark: .kept, title: title, text: text) }
        if wish.property == .engineVersion {
            return Line(
                mark: .kept, title: title, text: text,
                remark: "\(wanted) is configured: upgrade it in the console of AWS, which looks first whether it can be"
            )
        }
        guard let key = wish.key else {
            return Line(
                mark: .kept, title: title, text: text, remark: "a new domain would have \(wanted); left as it is")
        }
        guard wish.isConfigured else {
            return Line(
                mark: .kept, title: title, text: text,
                remark: "a new domain would have \(wanted); left as it is unless \(key) is set")
        }
        return Line(mark: .changed, title: title, text: "\(text) -> \(wanted)", remark: key)
    }

    static func areSame(_ one: DomainProperty.Value, _ other: DomainProperty.Value) -> Bool {
        if case (.text(let left), .text(let right)) = (one, other), left.contains("{") {
            return AccessPolicy.areSame(left, right)
        }
        return one == other
    }

    /// A change of the volumes is asked for with what they are.
    private static func complete(_ request: inout DomainConfiguration, with found: DomainConfiguration) {
        guard request[.volumeGiB] != nil else { return }
        request[.volumes] = .flag(true)
        request[.volumeType] = found[.volumeType]
    }

    /// Of several sensors that share a domain, the first one's name stays.
    private static func isMissing(_ tag: AWSTag, in tags: [String: String]) -> Bool {
        tag.key == DesiredDomain.sensorKey ? tags[tag.key] == nil : tags[tag.key] != tag.value
    }

    private static func obstacle(
        _ status: DomainStatus, _ survey: DomainSurvey, adopts: Bool
    ) -> DomainServiceError? {
        if status.account != survey.principal.account {
            return DomainServiceError(
                .exists, "\(status.arn) belongs to another account than \(survey.principal.account)",
                remedy: "choose another name by aws.domain_name, or another profile by aws.profile")
        }
        if adopts || DesiredDomain.isOurs(survey.tags) { return nil }
        return DomainServiceError(
            .exists,
            "there is a domain of this name that ids-suite has not made: the tag "
                + "\(DesiredDomain.ownerTag.key)=\(DesiredDomain.ownerTag.value) is missing",
            remedy: "choose another name by aws.domain_name, or take it over with `aws-provisioner apply --adopt`")
    }
}

extension DomainPlan {
    /// Looks how much comes in and how long there is room, where a domain of ours can say it.
    mutating func measure(by provisioning: Provisioning) {
        guard obstacle == nil, let status, status.isReady, let endpoint = status.endpoint else { return }
        forecast = (try? provisioning.storeFacts(at: endpoint))?.forecast
    }

    /// Whether nobody has to be asked: nothing is to be changed, or it was begun already, and a crash came between.
    func isAgreed(by record: WorkRecord?) -> Bool {
        if action == .nothing { return true }
        guard let record, record.phase == .creating || record.phase == .changing else { return false }
        // What was made and is gone again, somebody has removed.
        if action == .create, record.arn != nil { return false }
        return record.requestHash == requestHash
    }

    /// Whether `aws.auto_apply` stands for a person's yes: never to a domain in place of one that was there, and once to a change.
    func isAllowedUnasked(after record: WorkRecord?) -> Bool {
        guard let record else { return true }
        return action == .create
            ? record.domain != name || record.phase == .creating && record.arn == nil : record.failedHash != requestHash
    }

    /// - Throws: ``DomainServiceError``: what stands in the way of the plan, or that the state is about another domain.
    func checkCanBegin(after record: WorkRecord?) throws(DomainServiceError) {
        if let obstacle { throw obstacle }
        guard let record, record.phase != .deleting, !record.isAbout(name, in: region, of: principal.account) else {
            return
        }
        throw DomainServiceError(
            .exists,
            "aws.state_dir is about the domain \(record.domain) in \(record.region) of the account \(record.account)",
            remedy: "go on with that one, destroy it, or give this one a folder of its own by aws.state_dir")
    }
}
