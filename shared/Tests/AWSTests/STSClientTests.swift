import HTTPTypes
import Lifecycle
import Logging
import ServiceTesting
import Testing

@testable import AWS

@Suite struct STSClientTests {
    private static let role = AssumedRole(arn: "arn:aws:iam::1:role/ids", externalID: "a&b", durationSeconds: 900)
    private static let lent = """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <AssumeRoleResult><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials>
            <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey>
            <SessionToken>t&#43;&#x2f;</SessionToken><Expiration>2026-11-28T09:45:00Z</Expiration>
          </Credentials></AssumeRoleResult></AssumeRoleResponse>
        """

    private func client(_ server: ScriptedHTTPServer) -> STSClient {
        STSClient(
            connection: AWSConnection(userAgent: "opensearch-shipper/1.2"), endpoint: server.url,
            region: "eu-central-1",
            clock: ServerClock())
    }

    private func server(_ status: Int, _ body: String) throws -> ScriptedHTTPServer {
        try ScriptedHTTPServer { _ in .answer(status, headers: ["Content-Type: text/xml"], body: body) }
    }

    @Test func aRoleIsAskedForWithASignature() throws {
        let server = try server(200, Self.lent)
        defer { server.stop() }
        let credentials = try client(server).assume(
            Self.role, by: AWSCredentials(accessKeyID: "AKIA", secretAccessKey: Secret("s")))
        #expect(
            credentials
                == AWSCredentials(
                    accessKeyID: "ASIA", secretAccessKey: Secret("a&b"), sessionToken: Secret("t+/"),
                    expiresAt: 1_795_859_100))
        let request = try #require(server.requests.first)
        #expect(
            request.text
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fids"
                + "&RoleSessionName=opensearch-shipper&ExternalId=a%26b&DurationSeconds=900")
        #expect(request.headers["authorization"]?.contains("Credential=AKIA/") == true)
        #expect(request.headers["authorization"]?.contains("/eu-central-1/sts/aws4_request") == true)
    }

    @Test func aTokenOfAnotherProviderNeedsNoSignature() throws {
        let server = try server(200, Self.lent.replacing("AssumeRoleR", with: "AssumeRoleWithWebIdentityR"))
        defer { server.stop() }
        #expect(try client(server).assume(Self.role, token: Secret("jwt")).accessKeyID == "ASIA")
        let request = try #require(server.requests.first)
        #expect(request.headers["authorization"] == nil)
        #expect(request.text.hasSuffix("&WebIdentityToken=jwt"))
    }

    @Test func aRefusalIsToldInItsOwnWords() throws {
        for (status, code) in [(403, AWSError.Code.refused), (503, .unavailable)] {
            let server = try server(
                status,
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                    + "<Message>not &lt;you&gt;</Message></Error></ErrorResponse>")
            defer { server.stop() }
            #expect(
                throws: AWSError(
                    code, "AssumeRole at \(server.url): status \(status), AccessDenied: not <you>")
            ) {
                try client(server).assume(Self.role, by: AWSCredentials(accessKeyID: "A", secretAccessKey: Secret("s")))
            }
        }
    }

    @Test func aWrongSignatureIsToldWithoutTheRequestThatIsQuoted() throws {
        let server = try server(
            403,
            "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>"
                + "<Message>x-amz-security-token:T0K3N</Message></Error></ErrorResponse>")
        defer { server.stop() }
        #expect(throws: AWSError(.refused, "AssumeRole at \(server.url): status 403, SignatureDoesNotMatch")) {
            try client(server).assume(Self.role, by: AWSCredentials(accessKeyID: "A", secretAccessKey: Secret("s")))
        }
    }

    @Test func whoeverAnswersSomethingElseIsNoSTS() throws {
        for body in ["", "<html>", "{}", "<AssumeRoleResponse/>", Self.lent.replacing("2026-", with: "")] {
            let server = try server(200, body)
            defer { server.stop() }
            #expect { try client(server).assume(Self.role, token: Secret("jwt")) } throws: { error in
                (error as? AWSError)?.message.hasSuffix("is none of the Security Token Service") == true
            }
        }
    }

    @Test func elementsAreReadWithTheirTexts() {
        let root = XMLElement.parse(
            Array("<?xml version=\"1.0\"?>\n<a x=\"1\"><b> c </b><d/><b>&#228;&apos;</b></a>\n".utf8))
        #expect(root?.name == "a" && root?.children.count == 3)
        #expect(root?["b"]?.text == " c " && root?["d"]?.text == "" && root?.children.last?.text == "ä'")
    }

    @Test(arguments: [
        "", "a", "<a>", "<a></b>", "<a/><b/>", "<a>b<c/></a>", "<a><b/>c</a>", "<!DOCTYPE a><a/>", "<a><!-- b --></a>",
        "<a>&b;</a>", "<a>&#xD800;</a>", "<a>&amp</a>", "<a><![CDATA[b]]></a>", "<a", "<>", "<a><</a>",
        String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
        "<a>" + String(repeating: " ", count: 1 << 16) + "</a>",
    ])
    func whatIsMoreOrLessThanElementsIsRefused(text: String) {
        #expect(XMLElement.parse(Array(text.utf8)) == nil)
    }
}

@Suite struct RoleLookUpTests {
    private func session(_ server: ScriptedHTTPServer) -> AWSSession {
        let variables = [
            "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL_IAM": server.url,
            "AWS_CONFIG_FILE": "/none", "AWS_SHARED_CREDENTIALS_FILE": "/none",
        ]
        return AWSSession(AWSEnvironment { variables[$0] }, options: .init(userAgent: "aws-provisioner/1.2"))
    }

    @Test func aRoleIsFoundWithItsPath() throws {
        let server = try ScriptedHTTPServer { _ in
            .answer(
                200,
                body: """
                    <GetRoleResponse><GetRoleResult><Role><Path>/a/</Path><Arn>arn:aws:iam::1:role/a/ids</Arn></Role>
                    </GetRoleResult></GetRoleResponse>
                    """)
        }
        defer { server.stop() }
        #expect(try session(server).roleARN(named: "ids", partition: "aws") == "arn:aws:iam::1:role/a/ids")
        let request = try #require(server.requests.first)
        #expect(request.text == "Action=GetRole&Version=2010-05-08&RoleName=ids")
        #expect(request.headers["authorization"]?.contains("/us-east-1/iam/aws4_request") == true)
    }

    @Test func whoMayNotLookIsTold() throws {
        let server = try ScriptedHTTPServer { _ in
            .answer(403, body: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")
        }
        defer { server.stop() }
        let error = thrown(AWSError.self) {
            try session(server).roleARN(named: "ids", partition: "aws")
        }
        #expect(error?.code == .refused)
    }
}
