import HTTPClient
import HTTPTypes
import Logging

/// AWS' Security Token Service: says who somebody is, and lends credentials of roles.
struct STSClient {
    private static let timeoutMilliseconds = 10_000
    private static let messageCharactersMax = 300

    let connection: AWSConnection
    let endpoint: String
    let region: String
    let clock: ServerClock

    /// Who has these credentials.
    func callerIdentity(_ credentials: any CredentialProvider) throws(AWSError) -> CallerIdentity {
        let result = try ask("GetCallerIdentity", HTTPQuery(), by: credentials)
        guard let account = result["Account"]?.text, let arn = result["Arn"]?.text, let user = result["UserId"]?.text
        else {
            throw unreadable
        }
        return CallerIdentity(account: account, arn: arn, userID: user)
    }

    /// Credentials of a role, for who has others.
    func assume(_ role: AssumedRole, by credentials: AWSCredentials) throws(AWSError) -> AWSCredentials {
        try lent(ask("AssumeRole", parameters(role), by: credentials))
    }

    /// Credentials of a role, for who has a token of another identity provider.
    func assume(_ role: AssumedRole, token: Secret) throws(AWSError) -> AWSCredentials {
        var parameters = parameters(role)
        parameters.append("WebIdentityToken", token.reveal())
        return try lent(ask("AssumeRoleWithWebIdentity", parameters, by: nil))
    }

    private func parameters(_ role: AssumedRole) -> HTTPQuery {
        var query = HTTPQuery()
        query.append("RoleArn", role.arn)
        query.append(
            "RoleSessionName", role.sessionName ?? connection.userAgent.prefix { $0 != "/" && $0 != " " }.description)
        if let externalID = role.externalID { query.append("ExternalId", externalID) }
        if let seconds = role.durationSeconds { query.append("DurationSeconds", "\(seconds)") }
        return query
    }

    private func lent(_ result: XMLElement) throws(AWSError) -> AWSCredentials {
        guard let lent = result["Credentials"], let id = lent["AccessKeyId"]?.text,
            let secret = lent["SecretAccessKey"]?.text, let token = lent["SessionToken"]?.text,
            let end = lent["Expiration"].flatMap({ UTCTime.unixSeconds(iso8601: $0.text) })
        else { throw unreadable }
        return AWSCredentials(
            accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: Secret(token), expiresAt: end)
    }

    /// The result of an action.
    private func ask(
        _ action: String, _ parameters: HTTPQuery, by credentials: (any CredentialProvider)?
    ) throws(AWSError) -> XMLElement {
        var query = HTTPQuery()
        query.append("Action", action)
        query.append("Version", "2011-06-15")
        for item in parameters { query.append(item.name, item.value) }
        let request = ClientRequest(
            .post, endpoint.hasSuffix("/") ? endpoint : endpoint + "/",
            fields: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"],
            body: BytesBody(Array(query.encoded.utf8)))
        let signer = credentials.map {
            AWSRequestSigner(service: "sts", region: region, credentials: $0, clock: clock)
        }
        let response = try connection.send(request, signer: signer, timeoutMilliseconds: Self.timeoutMilliseconds)
        clock.learn(from: response, of: endpoint)
        let root = XMLElement.parse(response.body)
        guard response.status == .ok else {
            let error = root?["Error"]
            let code = error?["Code"]?.text
            // The message about a wrong signature quotes the request, with the session's token.
            let message = code == "SignatureDoesNotMatch" ? nil : error?["Message"]?.text
            let line = message.map { String($0.prefix { $0 != "\n" }.prefix(Self.messageCharactersMax)) }
            let words = [code, line].compactMap { $0 }.joined(separator: ": ")
            let isPassing = response.status.code >= 500 || response.status == .tooManyRequests
            throw AWSError(
                isPassing ? .unavailable : .refused,
                "\(action) at \(place): status \(response.status.code)"
                    + (words.isEmpty ? "" : ", \(words)"))
        }
        guard let result = root?["\(action)Result"] else { throw unreadable }
        return result
    }

    private var unreadable: AWSError {
        AWSError(.unavailable, "the answer of \(place) is none of the Security Token Service")
    }

    /// The endpoint, for people.
    private var place: String { Secret.withholdingCredentials(in: endpoint) }
}

/// Who somebody is to AWS.
public struct CallerIdentity: Sendable, Equatable {
    /// The number of the account.
    public let account: String
    /// The name of the user, or of the session of a role.
    public let arn: String
    /// AWS' own id of it.
    public let userID: String
}
