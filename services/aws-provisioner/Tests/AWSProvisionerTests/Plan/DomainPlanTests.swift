import Configuration
import Files
import ServiceTesting
import Settings
import Testing

@testable import AWSProvisioner

private let user = Principal(account: "1", arn: "arn:aws:iam::1:user/a")
private let ours = ["ids-suite:managed-by": "aws-provisioner", "ids-suite:sensor": "home"]

/// The plan for settings and what there is.
func plan(
    _ set: [String: String] = [:], status: DomainStatus? = nil, tags: [String: String] = [:], adopts: Bool = false,
    principal: Principal? = nil
) throws -> DomainPlan {
    let principal = principal ?? user
    let assignments = ["sensor.name": "home"].merging(set) { $1 }
        .map { ConfigurationSources.Assignment($0.key, $0.value, option: "--set") }
    let reader = ConfigurationReader(ConfigurationSources(assignments: assignments), sections: SettingsCatalog.sections)
    let settings = AWSDomainSettings(from: reader)
    try #require(reader.problems.isEmpty)
    let survey = DomainSurvey(region: "eu-central-1", principal: principal, status: status, tags: tags)
    let policy = if case .text(let policy)? = status?.configuration[.accessPolicy] { policy } else { String?.none }
    let desired = try DesiredDomain(
        settings, engine: settings.engineVersion ?? "OpenSearch_2.19", master: settings.masterARN ?? principal.arn,
        domainARN: principal.domainARN(settings.domainName, in: "eu-central-1"), policy: policy)
    return DomainPlan(desired, survey, adopts: adopts)
}

/// A domain as it is made by default.
func defaultDomain(_ members: String = "", volumeGiB: Int = 10) throws -> DomainStatus {
    let policy = AccessPolicy.text(for: [user.arn], on: "arn:aws:es:eu-central-1:1:domain/ids-suite")
        .replacing("\"", with: "\\\"")
    return try domainStatus(
        #""Created":true,"Processing":false,"Endpoint":"e","EngineVersion":"OpenSearch_2.19","#
            + #""ClusterConfig":{"InstanceType":"t3.small.search","InstanceCount":1},"#
            + #""EBSOptions":{"EBSEnabled":true,"VolumeType":"gp3","VolumeSize":\#(volumeGiB)},"#
            + #""EncryptionAtRestOptions":{"Enabled":true},"NodeToNodeEncryptionOptions":{"Enabled":true},"#
            + #""DomainEndpointOptions":{"EnforceHTTPS":true,"TLSSecurityPolicy":"Policy-Min-TLS-1-2-PFS-2023-10"},"#
            + #""AdvancedSecurityOptions":{"Enabled":true,"InternalUserDatabaseEnabled":false},"#
            + #""AccessPolicies":"\#(policy)""# + (members.isEmpty ? "" : ",\(members)"))
}

@Suite struct DomainPlanTests {
    @Test func aNewDomainIsAskedForWithWhatIsMeantAndNothingElse() throws {
        let plan = try plan(["aws.tags": "team=network"])
        #expect(plan.action == .create)
        #expect(plan.lines.allSatisfy { $0.mark == .made })
        let policy =
            #""AccessPolicies":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":"#
            + #"{\"AWS\":\"arn:aws:iam::1:user/a\"},\"Action\":\"es:ESHttp*\","#
            + #"\"Resource\":\"arn:aws:es:eu-central-1:1:domain/ids-suite/*\"}]}""#
        #expect(
            String(decoding: plan.body, as: UTF8.self)
                == #"{"DomainName":"ids-suite","EngineVersion":"OpenSearch_2.19","#
                + #""ClusterConfig":{"InstanceType":"t3.small.search","InstanceCount":1},"#
                + #""EBSOptions":{"EBSEnabled":true,"VolumeType":"gp3","VolumeSize":10},"#
                + #""EncryptionAtRestOptions":{"Enabled":true},"NodeToNodeEncryptionOptions":{"Enabled":true},"#
                + #""DomainEndpointOptions":{"EnforceHTTPS":true,"TLSSecurityPolicy":"Policy-Min-TLS-1-2-PFS-2023-10"},"#
                + #""AdvancedSecurityOptions":{"Enabled":true,"InternalUserDatabaseEnabled":false,"#
                + #""MasterUserOptions":{"MasterUserARN":"arn:aws:iam::1:user/a"}},"# + policy
                + #","TagList":[{"Key":"ids-suite:managed-by","Value":"aws-provisioner"},"#
                + #"{"Key":"ids-suite:sensor","Value":"home"},{"Key":"team","Value":"network"}]}"#)
    }

    @Test func aDomainThatIsAsItShouldBeNeedsNothing() throws {
        let plan = try plan(status: try defaultDomain(), tags: ours)
        #expect(plan.action == .nothing)
        #expect(plan.obstacle == nil)
        #expect(plan.lines.allSatisfy { $0.mark == .kept && $0.remark.isEmpty })
    }

    @Test func whatAPersonChangedByHandIsShownAndLeftAlone() throws {
        let domain = try defaultDomain(
            #""DomainEndpointOptions":{"EnforceHTTPS":false,"TLSSecurityPolicy":"Policy-Min-TLS-1-2-PFS-2023-10"}"#,
            volumeGiB: 20)
        let plan = try plan(status: domain, tags: ours)
        #expect(plan.action == .nothing)
        let remarks = plan.lines.filter { !$0.remark.isEmpty }
        #expect(remarks.map(\.title) == ["volume of a machine", "HTTPS only"])
        #expect(remarks.map(\.text) == ["20 GiB", "off"])
        #expect(remarks.first?.remark == "a new domain would have 10 GiB; left as it is unless aws.volume_gib is set")
        #expect(remarks.last?.remark == "a new domain would have on; left as it is")
    }

    @Test func whatIsConfiguredIsChanged() throws {
        let plan = try plan(["aws.volume_gib": "20"], status: try defaultDomain(), tags: ours)
        #expect(plan.action == .change)
        #expect(plan.lines.filter { $0.mark == .changed }.map(\.text) == ["10 GiB -> 20 GiB"])
        #expect(
            String(decoding: plan.body, as: UTF8.self)
                == #"{"EBSOptions":{"EBSEnabled":true,"VolumeType":"gp3","VolumeSize":20}}"#)
    }

    @Test func aKeyThatSaysWhatIsThereChangesNothing() throws {
        let set = ["aws.volume_gib": "10", "aws.instance_type": "t3.small.search", "aws.engine_version": "2.19"]
        #expect(try plan(set, status: try defaultDomain(), tags: ours).action == .nothing)
    }

    @Test func anEngineIsNotUpgradedByTheWay() throws {
        let plan = try plan(["aws.engine_version": "2.17"], status: try defaultDomain(), tags: ours)
        #expect(plan.action == .nothing)
        #expect(plan.lines.first?.remark.contains("upgrade it in the console") == true)
    }

    @Test func tagsThatAreMissingAreWritten() throws {
        let tags = ["ids-suite:managed-by": "aws-provisioner", "ids-suite:sensor": "another", "team": "old"]
        let plan = try plan(["aws.tags": "team=network"], status: try defaultDomain(), tags: tags)
        #expect(plan.action == .tag)
        #expect(plan.newTags == [AWSTag("team", "network")])
    }

    @Test func aDomainOfOthersIsNotTouchedUnlessItIsToBeAdopted() throws {
        let domain = try defaultDomain()
        #expect(try plan(status: domain).obstacle?.code == .exists)
        let adopted = try plan(status: domain, adopts: true)
        #expect(adopted.obstacle == nil)
        #expect(adopted.newTags.first == DesiredDomain.ownerTag)
        let stranger = Principal(account: "2", arn: "arn:aws:iam::2:user/a")
        #expect(try plan(status: domain, tags: ours, adopts: true, principal: stranger).obstacle?.code == .exists)
    }

    @Test func aDomainThatIsBeingDeletedIsMadeAnew() throws {
        let plan = try plan(status: try defaultDomain(#""Deleted":true"#), tags: ours)
        #expect(plan.action == .create)
        #expect(plan.text.contains("is being deleted"))
    }

    @Test func whoeverIsLetInStaysWhenAnotherSensorIsAdded() throws {
        let domain = "arn:aws:es:eu-central-1:1:domain/ids-suite"
        let (first, second) = ("arn:aws:iam::123456789012:role/first", "arn:aws:iam::123456789012:role/second")
        var status = try defaultDomain()
        status.configuration[.accessPolicy] = .text(AccessPolicy.text(for: [user.arn, first], on: domain))
        // Another administrator with another sensor.
        let other = Principal(account: "1", arn: "arn:aws:iam::1:user/b")
        let change = try plan(["aws.shipper_arn": second], status: status, tags: ours, principal: other)
        #expect(change.action == .change)
        guard case .text(let policy)? = change.request[.accessPolicy] else { return #expect(Bool(false)) }
        #expect(AccessPolicy.summary(of: policy) == [user.arn, first, other.arn, second].joined(separator: ", "))
        // None of the two has anything to change then.
        status.configuration[.accessPolicy] = .text(policy)
        #expect(try plan(["aws.shipper_arn": first], status: status, tags: ours).action == .nothing)
        #expect(
            try plan(["aws.shipper_arn": second], status: status, tags: ours, principal: other).action == .nothing)
    }

    @Test func whatTheGuardDoesToADomainIsToldBeforeItIsAdopted() throws {
        let title = "storage guard"
        #expect(try plan(status: try defaultDomain(), adopts: true).lines.contains { $0.title == title })
        #expect(try !plan(status: try defaultDomain(), tags: ours, adopts: true).lines.contains { $0.title == title })
        #expect(try !plan(adopts: true).lines.contains { $0.title == title })
    }

    @Test func nothingIsMadeUnaskedInPlaceOfADomainThatWasThere() throws {
        var record = WorkRecord(domain: "ids-suite", region: "eu-central-1", account: "1", phase: .creating, beganAt: 1)
        record.requestHash = try plan().requestHash
        #expect(try plan().isAllowedUnasked(after: nil))
        #expect(try plan().isAllowedUnasked(after: record))
        #expect(try plan().isAgreed(by: record))
        record.arn = "arn:aws:es:eu-central-1:1:domain/ids-suite"
        for phase in [WorkRecord.Phase.creating, .changing, .made, .ready, .deleting] {
            record.phase = phase
            #expect(try !plan().isAllowedUnasked(after: record), "\(phase)")
            #expect(try !plan().isAgreed(by: record), "\(phase)")
        }
    }

    @Test func aDomainThatWasDeletedDoesNotStandInTheWayOfAnother() throws {
        var record = WorkRecord(domain: "other", region: "eu-central-1", account: "1", phase: .ready, beganAt: 1)
        #expect(throws: DomainServiceError.self) { try plan().checkCanBegin(after: record) }
        record.phase = .deleting
        try plan().checkCanBegin(after: record)
        #expect(try plan().isAllowedUnasked(after: record))
    }

    @Test func theCostIsARangeWithDateAndSource() throws {
        let text = try plan().text
        #expect(text.contains("about 30 to 35 USD a month"))
        #expect(text.contains(Prices.date) && text.contains(Prices.page))
        #expect(try plan(["aws.instance_type": "r6g.large.search"]).text.contains("not known here"))
        #expect(
            CostEstimate(region: "us-east-1", machine: "t3.small.search", count: 1, volumeGiB: 10).monthlyUSD == 25...30
        )
        #expect(
            CostEstimate(region: "us-east-1", machine: "t3.small.search", count: 10, volumeGiB: 100).monthlyUSD
                == 360...400)
        #expect(CostEstimate(region: "mars-1", machine: "t3.small.search", count: 1, volumeGiB: 10).monthlyUSD == nil)
    }

    @Test func theRoomIsToldForTheRateThatIsAssumed() {
        #expect(RoomEstimate(volumeGiB: 10).days == 6)
        #expect(RoomEstimate(volumeGiB: 100).days == 66)
    }

    @Test func theNewestTestedVersionIsTaken() throws {
        let offered = [
            "OpenSearch_3.1", "OpenSearch_2.9", "OpenSearch_2.17", "OpenSearch_2.21", "Elasticsearch_7.10", "x",
        ]
        #expect(try DesiredDomain.engine(configured: nil, offered: offered) == "OpenSearch_2.17")
        #expect(try DesiredDomain.engine(configured: "OpenSearch_3.1", offered: offered) == "OpenSearch_3.1")
        for (configured, offered) in [("OpenSearch_2.5", offered), (nil, ["OpenSearch_3.1"])] as [(String?, [String])] {
            let error = thrown(DomainServiceError.self) {
                try DesiredDomain.engine(configured: configured, offered: offered)
            }
            #expect(error?.description.contains("aws.engine_version") == true)
            #expect(error.map(CommandStatus.of) == (configured == nil ? 1 : 2))
        }
    }

    @Test func aPolicyOfOnesOwnIsTakenFromItsFile() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("policy.json")
        try AtomicFile.replace(path, with: Array(#"{"Statement":[]}"#.utf8))
        let plan = try AWSProvisionerTests.plan(["aws.access_policy_file": path])
        #expect(plan.request[.accessPolicy] == .text(#"{"Statement":[]}"#))
        #expect(throws: DomainServiceError.self) {
            try AWSProvisionerTests.plan(["aws.access_policy_file": "/nowhere"])
        }
    }
}
