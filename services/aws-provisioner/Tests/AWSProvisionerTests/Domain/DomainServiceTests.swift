import AWS
import Lifecycle
import ServiceTesting
import Settings
import Synchronization
import Testing

@testable import AWSProvisioner

/// Who asks, as the Security Token Service tells it.
private let identity = """
    <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>arn:aws:iam::1:user/a</Arn><UserId>A</UserId><Account>1</Account>
    </GetCallerIdentityResult></GetCallerIdentityResponse>
    """

@Suite struct DomainServiceTests {
    private func service(_ server: ScriptedHTTPServer, region: String = "eu-central-1") throws -> DomainService {
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL_OPENSEARCH": server.url + "/",
            "AWS_ENDPOINT_URL_STS": server.url,
            "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none",
        ]
        let session = AWSSession(AWSEnvironment { variables[$0] }, options: .init(userAgent: "aws-provisioner/1.2"))
        return try DomainService(session, region: region) { _ in false }
    }

    @Test func whatIsReadIsAskedForAgainAndWhatIsChangedIsNot() throws {
        let server = try ScriptedHTTPServer { request in
            request.number < 3 || request.method == "POST"
                ? .answer(503, body: "{}") : .answer(200, body: #"{"Versions":["OpenSearch_2.19"]}"#)
        }
        defer { server.stop() }
        let service = try service(server)
        #expect(try service.versions() == ["OpenSearch_2.19"])
        #expect(server.requests.count == 3)
        #expect(server.requests.first?.target == "/2021-01-01/opensearch/versions")
        #expect(server.requests.first?.headers["authorization"]?.contains("/eu-central-1/es/aws4_request") == true)
        let error = thrown(DomainServiceError.self) { try service.create([], name: "ids-suite") }
        #expect(error?.code == .passing)
        #expect(server.requests.count == 4)
    }

    @Test func itGivesUpAfterAWhile() throws {
        let server = try ScriptedHTTPServer { _ in .answer(200, body: "no JSON") }
        defer { server.stop() }
        let service = try service(server)
        let error = thrown(DomainServiceError.self) { try service.describe("ids-suite") }
        #expect(error?.code == .passing)
        #expect(server.requests.count == 5)
    }

    @Test func pagesAreReadToTheLastOneAndNotForEver() throws {
        let server = try ScriptedHTTPServer { _ in .answer(200, body: #"{"Versions":["a"],"NextToken":"x/y"}"#) }
        defer { server.stop() }
        #expect(try service(server).versions().count == 20)
        #expect(server.requests.last?.target == "/2021-01-01/opensearch/versions?nextToken=x%2Fy")
    }

    @Test func aDomainThatIsMissingIsNoError() throws {
        let server = try ScriptedHTTPServer { _ in
            .answer(409, headers: ["x-amzn-ErrorType: ResourceNotFoundException"], body: "{}")
        }
        defer { server.stop() }
        #expect(try service(server).describe("ids-suite") == nil)
        #expect(try service(server).progress(of: "ids-suite", change: "c") == nil)
    }

    @Test func theTagsOfADomainThatIsBeingDeletedAreNotAskedFor() throws {
        let server = try ScriptedHTTPServer { request in
            request.target.contains("domain")
                ? .answer(200, body: #"{"DomainStatus":{"ARN":"arn:aws:es:r:1:domain/d","Deleted":true}}"#)
                : request.method == "POST"
                    ? .answer(200, body: identity)
                    : .answer(409, headers: ["x-amzn-ErrorType: ResourceNotFoundException"], body: "{}")
        }
        defer { server.stop() }
        #expect(try DomainSurvey("d", by: service(server)).status?.isDeleted == true)
    }

    @Test func tagsAreReadAndWritten() throws {
        let server = try ScriptedHTTPServer { request in
            .answer(200, body: request.method == "GET" ? #"{"TagList":[{"Key":"a","Value":"b"},{"Key":"c"}]}"# : "")
        }
        defer { server.stop() }
        let service = try service(server)
        #expect(try service.tags(of: "arn:x/y") == ["a": "b", "c": ""])
        try service.addTags([AWSTag("k", "v")], to: "arn:x/y")
        #expect(server.requests.map(\.target) == ["/2021-01-01/tags/?arn=arn%3Ax%2Fy", "/2021-01-01/tags"])
        #expect(server.requests.last?.text == #"{"ARN":"arn:x/y","TagList":[{"Key":"k","Value":"v"}]}"#)
    }

    @Test(
        "The statement that is shown is of the partition of the region",
        arguments: [
            ("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"),
        ])
    func partition(region: String, partition: String) throws {
        let server = try ScriptedHTTPServer { _ in
            .answer(403, headers: ["x-amzn-ErrorType: AccessDeniedException"], body: "{}")
        }
        defer { server.stop() }
        let service = try service(server, region: region)
        let error = thrown(DomainServiceError.self) { try service.create([], name: "ids-suite") }
        #expect(error?.remedy.contains("arn:\(partition):es:\(region):*:domain/ids-suite") == true)
    }

    @Test(
        "An account that may not use the service yet gets the way to that",
        arguments: [
            "SubscriptionRequiredException", "OptInRequired",
        ])
    func accountNotRegistered(type: String) throws {
        let server = try ScriptedHTTPServer { _ in
            .answer(403, headers: ["x-amzn-ErrorType: \(type)"], body: #"{"message":"needs a subscription"}"#)
        }
        defer { server.stop() }
        let service = try service(server)
        let error = thrown(DomainServiceError.self) { try service.create([], name: "ids-suite") }
        #expect(error?.code == .denied)
        #expect(error?.remedy.contains("billing/signup") == true)
    }
}
