import HTTPClient
import HTTPTypes
import Logging

/// AWS' Security Token Service: says who somebody is, and lends credentials of roles.
struct STSClient {
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

    private func ask(
        _ action: String, _ parameters: HTTPQuery, by credentials: (any CredentialProvider)?
    ) throws(AWSError) -> XMLElement {
        try service.result(of: action, parameters, by: credentials)
    }

    private var service: QueryService {
        QueryService(
            connection: connection, endpoint: endpoint, name: "sts", title: "the Security Token Service",
            version: "2011-06-15", region: region, clock: clock)
    }

    private var unreadable: AWSError { service.unreadable }
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
