import JSON
import ServiceTesting
import Testing

@testable import AWSProvisioner

/// A description of a domain.
func domainStatus(_ members: String = "", arn: String = "arn:aws:es:eu-central-1:1:domain/ids-suite") throws
    -> DomainStatus
{
    let text = "{\"ARN\":\"\(arn)\"\(members.isEmpty ? "" : "," + members)}"
    let status = JSONNode.reading(Array(text.utf8), DomainStatus.init) ?? nil
    return try #require(status)
}

@Suite struct DomainStatusTests {
    @Test func aDomainIsReadyWhenItIsMadeNothingIsUnderWayAndItHasAnEndpoint() throws {
        let made = #""Created":true,"Processing":false,"Endpoint":"search-x.es.amazonaws.com""#
        #expect(try domainStatus(made).isReady)
        #expect(try domainStatus(made).endpoint == "https://search-x.es.amazonaws.com")
        #expect(try domainStatus(made + #","DomainProcessingStatus":"Active","Unknown":[{}]"#).isReady)
        #expect(try !domainStatus(made + #","DomainProcessingStatus":"Modifying""#).isReady)
        #expect(try !domainStatus(made.replacing(#""Processing":false"#, with: #""Processing":true"#)).isReady)
        #expect(try !domainStatus(made + #","Deleted":true"#).isReady)
        #expect(try !domainStatus(made + #","UpgradeProcessing":true"#).isReady)
        // Created can be true before an endpoint is there.
        #expect(try !domainStatus(#""Created":true,"Processing":false"#).isReady)
        #expect(try !domainStatus(#""Created":true,"Processing":false,"Endpoint":null"#).isReady)
        #expect(
            try domainStatus(#""Created":true,"Endpoint":null,"Endpoints":{"vpc":"vpc-x"}"#).endpoint == "https://vpc-x"
        )
    }

    @Test func itsPropertiesAreReadFromWhereTheyAreWritten() throws {
        let status = try domainStatus(
            #""EngineVersion":"OpenSearch_2.19","ClusterConfig":{"InstanceType":"t3.small.search","InstanceCount":2},"#
                + #""EBSOptions":{"EBSEnabled":true,"VolumeSize":10},"AccessPolicies":"{\"a\":1}""#)
        #expect(status.account == "1")
        let configuration = status.configuration
        #expect(configuration[.engineVersion] == .text("OpenSearch_2.19"))
        #expect(configuration[.instanceCount] == .number(2))
        #expect(configuration[.volumes] == .flag(true))
        #expect(configuration[.volumeType] == nil)
        #expect(configuration[.accessPolicy] == .text("{\"a\":1}"))
        #expect(
            JSONWriter.objectText { configuration.write(to: &$0) }
                == #"{"EngineVersion":"OpenSearch_2.19","ClusterConfig":{"InstanceType":"t3.small.search","InstanceCount":2},"#
                + #""EBSOptions":{"EBSEnabled":true,"VolumeSize":10},"AccessPolicies":"{\"a\":1}"}"#)
    }

    @Test func whatDescribesNoDomainIsNone() {
        for text in ["[]", "{}", #"{"ARN":7}"#, #"{"ARN":"x"}"#] {
            #expect(JSONNode.reading(Array(text.utf8), DomainStatus.init) == .some(nil), "\(text)")
        }
    }

    private func progress(_ text: String) throws -> ChangeProgress {
        let progress = JSONNode.reading(Array(text.utf8), ChangeProgress.init) ?? nil
        return try #require(progress)
    }

    @Test func theStageIsTheOneThatIsUnderWay() throws {
        let text = """
            {"Status":"PROCESSING","TotalNumberOfStages":3,"ChangeProgressStages":[{"Name":"Validation","Status":"COMPLETED"},
            {"Name":"Creating a new environment","Status":"IN_PROGRESS"},{"Name":"Last","Status":"PENDING"}]}
            """
        let progress = try progress(text)
        #expect((progress.stage, progress.stageCount) == (2, 3))
        #expect(progress.name == "Creating a new environment")
        #expect(progress.failure == nil)
        let begun = try self.progress(
            text.replacing("COMPLETED", with: "PENDING").replacing("IN_PROGRESS", with: "PENDING"))
        #expect((begun.stage, begun.name) == (1, "Validation"))
        let empty = try self.progress(#"{"Status":"PENDING"}"#)
        #expect((empty.stage, empty.stageCount, empty.name) == (nil, nil, nil))
    }

    @Test func aFailureIsToldByWhatWasNotValidOrByItsStage() throws {
        let invalid = try progress(
            #"{"ConfigChangeStatus":"ValidationFailed","ValidationFailures":[{"Message":"one"},{"Message":"two"}]}"#)
        #expect(invalid.failure == "one; two")
        let stage = try progress(
            #"{"Status":"FAILED","ChangeProgressStages":[{"Name":"A","Status":"FAILED","Description":"no room"}]}"#)
        #expect(stage.failure == "A: no room")
        #expect(try progress(#"{"Status":"FAILED"}"#).failure == "AWS says no reason")
        let status = try domainStatus(#""ChangeProgressDetails":{"ConfigChangeStatus":"ValidationFailed"}"#)
        #expect(status.changeFailure == "AWS says no reason")
    }

    @Test func whatWaitsForAPersonIsTold() throws {
        #expect(
            try progress(#"{"Status":"PENDING","ConfigChangeStatus":"PendingUserInput"}"#).name?.contains("console")
                == true)
    }

    @Test func nothingOfAWSWritesOnTheTerminal() throws {
        let control = #"\u001b[2J\r\u009b1m"#
        let status = try domainStatus(
            "\"DomainProcessingStatus\":\"\(control)\",\"ChangeProgressDetails\":{\"ConfigChangeStatus\":\"Cancelled\","
                + "\"Message\":\"\(control)\"},\"EngineVersion\":\"\(control)\"")
        #expect((status.state, status.changeFailure) == (" [2J  1m", " [2J  1m"))
        #expect(status.configuration[.engineVersion] == .text(" [2J  1m"))
        let stage = "{\"Name\":\"\(control)\",\"Status\":\"FAILED\",\"Description\":\"\(control)\"}"
        let progress = try progress("{\"Status\":\"FAILED\",\"ChangeProgressStages\":[\(stage)]}")
        #expect((progress.name, progress.failure) == (" [2J  1m", " [2J  1m:  [2J  1m"))
    }
}

@Suite struct AccessPolicyTests {
    @Test func aPolicyThatAWSHasWrittenAnewIsTheSame() {
        let ours = AccessPolicy.text(for: ["arn:aws:iam::1:user/a"], on: "arn:aws:es:r:1:domain/d")
        let theirs =
            #"{ "Statement":[{"Resource":["arn:aws:es:r:1:domain/d/*"],"Principal":{"AWS":["arn:aws:iam::1:user/a"]},"#
            + #""Action":["es:ESHttp*"],"Effect":"Allow"}],"Version":"2012-10-17"}"#
        #expect(AccessPolicy.areSame(ours, theirs))
        #expect(!AccessPolicy.areSame(ours, theirs.replacing("user/a", with: "user/b")))
        #expect(!AccessPolicy.areSame(ours, "{"))
    }

    @Test func whatAPolicySaysBesideStaysWhenSomebodyIsAdded() {
        let found = #"{"Statement":{"Effect":"Deny","Principal":{"AWS":"arn:x"},"Action":"es:*","Resource":"*"}}"#
        #expect(
            AccessPolicy.text(found, with: ["arn:x"], on: "d")
                == #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:x"},"Action":"es:*","#
                + #""Resource":"*"},{"Effect":"Allow","Principal":{"AWS":"arn:x"},"Action":"es:ESHttp*","#
                + #""Resource":"d/*"}]}"#)
        for none in [nil, "", #"{"Statement":[]}"#] {
            #expect(
                AccessPolicy.text(none, with: ["arn:x"], on: "d") == AccessPolicy.text(for: ["arn:x"], on: "d"))
        }
        let open = #"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"es:*","Resource":"d/*"}]}"#
        #expect(AccessPolicy.text(open, with: ["arn:x"], on: "d") == open)
    }

    @Test func aPlanSaysWhoIsLetIn() {
        #expect(AccessPolicy.summary(of: AccessPolicy.text(for: ["arn:x"], on: "d")) == "arn:x")
        #expect(
            AccessPolicy.summary(of: #"{"Statement":{"Principal":"*","Condition":{}}}"#) == "everybody, on a condition")
        #expect(AccessPolicy.summary(of: "[]") == "one of its own")
    }
}

@Suite struct PrincipalTests {
    private func master(_ arn: String) throws(DomainServiceError) -> String {
        try Principal(account: "1", arn: arn).masterARN { "arn:aws:iam::1:role/path/\($0)" }
    }

    @Test func aSessionStandsForItsRole() throws {
        #expect(try master("arn:aws:iam::1:user/a/b") == "arn:aws:iam::1:user/a/b")
        #expect(try master("arn:aws:sts::1:assumed-role/ids/session") == "arn:aws:iam::1:role/path/ids")
    }

    @Test(arguments: ["arn:aws:iam::1:root", "arn:aws:sts::1:federated-user/x", "nonsense"])
    func whoCanBeNoMasterIsTold(arn: String) {
        let error = thrown(DomainServiceError.self) { try master(arn) }
        #expect(error?.code == .identity)
    }

    @Test func theNameOfADomainHasThePartitionOfTheAccount() {
        let principal = Principal(account: "1", arn: "arn:aws-cn:iam::1:user/a")
        #expect(principal.domainARN("d", in: "cn-north-1") == "arn:aws-cn:es:cn-north-1:1:domain/d")
    }
}
