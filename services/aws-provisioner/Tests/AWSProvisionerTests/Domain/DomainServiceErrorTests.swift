import HTTPClient
import HTTPTypes
import Testing

@testable import AWSProvisioner

@Suite struct DomainServiceErrorTests {
    private func error(
        _ type: String, _ message: String, status: Int = 400, inBody: Bool = false, action: String = "CreateDomain"
    ) -> DomainServiceError {
        let body =
            inBody
            ? "{\"__type\":\"com.amazon.es#\(type)\",\"message\":\"\(message)\"}" : "{\"message\":\"\(message)\"}"
        let fields: HTTPFields = inBody ? [:] : ["x-amzn-ErrorType": "\(type):http://internal.amazon.com/coral/"]
        return DomainServiceError(
            action, on: "arn:aws:es:eu-central-1:*:domain/ids-suite", in: "eu-central-1",
            ClientResponse(HTTPStatus(status), fields: fields, body: Array(body.utf8)))
    }

    @Test(arguments: [
        ("ResourceNotFoundException", DomainServiceError.Code.missing), ("ResourceAlreadyExistsException", .exists),
        ("LimitExceededException", .quota), ("ConflictException", .tooEarly), ("AccessDeniedException", .denied),
        ("ThrottlingException", .passing), ("TooManyRequestsException", .passing), ("RequestLimitExceeded", .passing),
        ("ValidationException", .invalid), ("InvalidTypeException", .invalid), ("SomethingNew", .invalid),
        ("ExpiredTokenException", .identity), ("UnrecognizedClientException", .identity),
    ])
    func theTypeCountsAndNotTheStatus(type: String, code: DomainServiceError.Code) {
        #expect(error(type, "words", status: 409).code == code)
        #expect(error(type, "words", status: 400, inBody: true).code == code)
    }

    @Test(arguments: [500, 502, 503, 504, 429])
    func aServerThatFailsMayWorkLater(status: Int) {
        let response = ClientResponse(HTTPStatus(status), body: Array("<html>".utf8))
        #expect(DomainServiceError("CreateDomain", on: "*", in: "eu-central-1", response).code == .passing)
    }

    @Test(arguments: [
        "Before you can proceed, you must enable a service-linked role", "Domain is still being deleted",
        "The passed role has not propagated yet", "A change/update is in progress.",
    ])
    func someRequestsOnlyComeTooEarly(message: String) {
        #expect(error("ValidationException", message).code == .tooEarly)
    }

    @Test func aRightThatIsMissingIsToldAsTheStatementToAdd() {
        let message =
            "User: arn:aws:iam::1:user/a is not authorized to perform: es:CreateDomain on resource: "
            + "arn:aws:es:eu-central-1:1:domain/ids-suite because no identity-based policy allows the es:CreateDomain action"
        #expect(
            error("AccessDeniedException", message).remedy
                == "add this statement to a policy of the user or role:\n  "
                + #"{"Effect":"Allow","Action":"es:CreateDomain","Resource":"arn:aws:es:eu-central-1:1:domain/ids-suite"}"#
        )
        #expect(
            error("AccessDeniedException", "no words that help", action: "AddTags").remedy.hasSuffix(
                #"{"Effect":"Allow","Action":"es:AddTags","Resource":"arn:aws:es:eu-central-1:*:domain/ids-suite"}"#))
        let versions = error("AccessDeniedException", message.replacing("CreateDomain", with: "ListVersions"))
        #expect(versions.remedy.hasSuffix(#""Action":"es:ListVersions","Resource":"*"}"#))
    }

    @Test func controlCharactersInItsWordsAreNotRepeated() {
        #expect(error("X", #"a\u001b[2Jb\u009b1m"#, inBody: true).message == "CreateDomain: X: a [2Jb 1m")
    }

    @Test func aQuotaIsToldWithThePlaceToRaiseIt() {
        let domains = error(
            "LimitExceededException", "You have reached the maximum number of domains: 100", status: 409)
        #expect(domains.remedy.contains("https://eu-central-1.console.aws.amazon.com/servicequotas/"))
        #expect(domains.needsPerson)
        let volume = error("LimitExceededException", "Volume size must be between 10 and 100", status: 409)
        #expect(volume.remedy.contains("aws.volume_gib"))
    }

    @Test(arguments: [
        ("InvalidSignatureException", "Signature expired: 20261128T094500Z is now earlier than", "clock"),
        ("ExpiredTokenException", "The security token included in the request is expired", "aws sso login"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", "this key"),
        ("InvalidSignatureException", "The request signature we calculated does not match", "secret key"),
    ])
    func whatIsWrongWithWhoAsksIsToldWithItsRemedy(type: String, message: String, word: String) {
        let error = error(type, message, status: 403)
        #expect(error.code == .identity)
        #expect(error.remedy.contains(word))
    }

    @Test func theWordsAboutAWrongSignatureAreNotRepeated() {
        let error = error("SignatureDoesNotMatch", "The canonical request is x-amz-security-token:TOKEN", status: 403)
        #expect(error.code == .identity)
        #expect(!error.description.contains("TOKEN"))
        let other = self.error(
            "InvalidSignatureException",
            "The request signature we calculated does not match.\\n\\nThe Canonical String was x-amz-security-token:TOKEN"
        )
        #expect(other.code == .identity)
        #expect(other.message.hasSuffix("does not match."))
    }
}
