import AWS
import HTTPClient
import HTTPTypes
import JSON

/// Why something cannot be done at Amazon OpenSearch Service, in words that say what helps.
struct DomainServiceError: Error, Sendable, Equatable, CustomStringConvertible {
    private static let messageCharactersMax = 500

    /// What kind of failure it is.
    enum Code: Sendable {
        /// There is no such domain.
        case missing
        /// The name is taken.
        case exists
        /// It may work later: too many requests, a server that fails or does not answer. What it did is unknown.
        case passing
        /// Something else has to come to its end first, such as another change or a deletion.
        case tooEarly
        /// A quota of the account is reached.
        case quota
        /// The principal lacks a right.
        case denied
        /// Credentials are missing, have ended, or are wrong; or the clock is.
        case identity
        /// AWS does not take the request as it is.
        case invalid
        /// A setting cannot be what it is.
        case misconfigured
        /// AWS has taken the request, and could not carry it out.
        case failed
    }

    let code: Code
    /// What happened, in AWS' words.
    let message: String
    /// What helps; empty when the message says it all.
    let remedy: String

    init(_ code: Code, _ message: String, remedy: String = "") {
        (self.code, self.message, self.remedy) = (code, message, remedy)
    }

    /// The message, and the remedy on a line of its own.
    var description: String { remedy.isEmpty ? message : "\(message)\n\(remedy)" }

    /// Whether a person has to do something first.
    var needsPerson: Bool { [.exists, .quota, .denied, .identity].contains(code) }

    /// What an answer with an error means. Types count and not the status: a domain that is missing is told by 409.
    ///
    /// - Parameters:
    ///   - action: the operation, such as `CreateDomain`.
    ///   - resource: what it was about: the domain's ARN or `*`.
    init(_ action: String, on resource: String, in region: String, _ response: ClientResponse) {
        let (named, words) = Self.words(of: response)
        let type = response.head.fields["x-amzn-ErrorType"].map { String($0.prefix { $0 != ":" }) } ?? named ?? ""
        // What is said about a wrong signature quotes the request, with the session's token.
        let said = type == "SignatureDoesNotMatch" || words == nil ? "" : ": \(words ?? "")"
        let message = "\(action): \(type.isEmpty ? "status \(response.status.code)" : type)\(said)"
        let has = { (text: String) in (words ?? "").contains(text) }
        let isPassing = ["Throttling", "RequestThrottled", "TooManyRequests", "RequestLimitExceeded"].contains {
            type.hasPrefix($0)
        }
        switch type {
        case _ where isPassing || response.status == .tooManyRequests || response.status.code >= 500:
            self.init(.passing, message)
        case "ResourceNotFoundException": self.init(.missing, message)
        case "ResourceAlreadyExistsException":
            self.init(.exists, message, remedy: "choose another name by aws.domain_name")
        case "LimitExceededException":
            self.init(.quota, message, remedy: Self.quotaRemedy(words ?? "", in: region))
        case "ConflictException": self.init(.tooEarly, message)
        case "ValidationException"
        where ["service-linked role", "being deleted", "propagat", "in progress"].contains(where: has):
            self.init(.tooEarly, message)
        case _ where type.hasPrefix("AccessDenied"):
            self.init(.denied, message, remedy: Self.statement(action, on: resource, words ?? ""))
        case _ where type.hasPrefix("SubscriptionRequired") || type.hasPrefix("OptInRequired"):
            self.init(
                .denied, message,
                remedy: "the account may not use this service yet: complete its registration, with a way to pay, at "
                    + "https://portal.aws.amazon.com/billing/signup, and enable \(region) where it is off; that takes up to a day"
            )
        case _ where Self.identityRemedy(message) != nil:
            self.init(.identity, message, remedy: Self.identityRemedy(message) ?? "")
        default: self.init(.invalid, message)
        }
    }

    /// What a request that could not be signed or sent means.
    ///
    /// - Parameter resource: what a right would be needed for.
    init(_ action: String, on resource: String = "*", _ cause: any Error) {
        guard let error = cause as? AWSError else {
            self.init(.invalid, "\(action): \(cause)")
            return
        }
        let message = "\(action): \(error)"
        switch error.code {
        case .unavailable: self.init(.passing, message)
        case .refused where error.message.contains("AccessDenied"):
            self.init(.denied, message, remedy: Self.statement(action, on: resource, error.message))
        case .notSignable: self.init(.invalid, message)
        case .noCredentials:
            self.init(
                .identity, message,
                remedy:
                    "sign in with `aws sso login` or `aws login`, and name the profile by aws.profile or AWS_PROFILE")
        default: self.init(.identity, message, remedy: Self.identityRemedy(message) ?? "")
        }
    }

    /// Type and words that the body of an answer has.
    private static func words(of response: ClientResponse) -> (type: String?, words: String?) {
        JSONNode.reading(response.body) { root in
            let type = root["__type"]?.printable.map { String($0.split(separator: "#").last ?? "") }
            let words = root["message"]?.string ?? root["Message"]?.string
            // Behind the first line may stand the request as AWS has read it, with the session's token.
            return (type, words.map { String($0.prefix { !$0.isNewline }.prefix(messageCharactersMax)).printable })
        } ?? (nil, nil)
    }

    /// What the words of an error about credentials or signatures call for; nil when it is about something else.
    private static func identityRemedy(_ words: String) -> String? {
        let has = { (texts: String...) in texts.contains { words.contains($0) } }
        if has("Signature expired", "Signature not yet current", "RequestTimeTooSkewed", "RequestExpired") {
            return
                "the clock of this machine is wrong: set it, for example with `timedatectl set-ntp true`, and try again"
        }
        if has("ExpiredToken", "token included in the request is expired") {
            return
                "the credentials have ended: get new ones with `aws sso login` or `aws login`, or new keys, and try again"
        }
        if has("UnrecognizedClient", "InvalidClientTokenId", "InvalidAccessKeyId") {
            return
                "AWS does not know this key: see with `aws sts get-caller-identity` whether the profile is the right one"
        }
        if has("SignatureDoesNotMatch", "InvalidSignature") {
            return "the secret key does not belong to the key's id: enter both anew, or sign in anew"
        }
        return nil
    }

    private static func quotaRemedy(_ words: String, in region: String) -> String {
        if words.lowercased().contains("volume size") {
            return
                "this kind of machine has no larger volume: set aws.volume_gib lower, or aws.instance_type to a larger one"
        }
        return "it is a quota of the account in \(region): raise it at "
            + "https://\(region).console.aws.amazon.com/servicequotas/home/services/es/quotas, or delete a domain that is "
            + "no longer needed"
    }

    /// The statement that a policy lacks. AWS names action and resource: `not authorized to perform: es:X on resource: Y`.
    private static func statement(_ action: String, on resource: String, _ words: String) -> String {
        let named = { (label: String) in
            words.firstRange(of: label).map { String(words[$0.upperBound...].prefix { !" \n".contains($0) }) }
        }
        let missing = named("perform: ") ?? "es:\(action)"
        let arn = named("on resource: ").flatMap { $0.hasPrefix("arn:") ? $0 : nil } ?? resource
        let statement = JSONWriter.objectText { json in
            json.member("Effect", "Allow")
            json.member("Action", missing)
            json.member("Resource", missing == "es:ListVersions" ? "*" : arn)
        }
        return "add this statement to a policy of the user or role:\n  \(statement)"
    }
}
