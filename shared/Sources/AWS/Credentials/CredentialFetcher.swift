import Digest
import HTTPClient
import HTTPTypes
import JSON
import Lifecycle
import Logging

/// Gets credentials from where they are. Every way has an end: it waits for at most a minute, for a command.
struct CredentialFetcher: Sendable {
    private static let instanceMetadataTimeoutMilliseconds = 1_000
    private static let containerTimeoutMilliseconds = 2_000
    private static let serviceTimeoutMilliseconds = 10_000
    /// A person may have to touch a key or to unlock something.
    static let commandTimeoutMilliseconds = 60_000
    private static let commandOutputBytesMax = 64 << 10

    let environment: AWSEnvironment
    let connection: AWSConnection
    let clock: ServerClock
    /// Variables with secrets that are none of AWS'.
    let withheldVariables: Set<String>
    /// STS as of now, for the profile and the region of now.
    let sts: @Sendable () throws(AWSError) -> STSClient
    /// The URL of a service for whoever overrides it.
    let endpoint: @Sendable (String) throws(AWSError) -> String?

    /// - Throws: ``AWSError``.
    func credentials(from source: CredentialSource) throws(AWSError) -> AWSCredentials {
        switch source {
        case .keys(let credentials, _): return credentials
        case .role(let role, let source): return try sts().assume(role, by: credentials(from: source))
        case .webIdentity(let role, let file): return try sts().assume(role, token: environment.secret(in: file))
        case .sso(let role): return try lent(role)
        case .login(let session, let profile): return try loggedIn(session, profile: profile)
        case .process(let words): return try printed(by: words)
        case .container(let url): return try given(byContainerAt: url)
        case .instanceMetadata: return try ofTheInstance()
        }
    }

    // MARK: - Files that sign-ins leave

    private func lent(_ role: SSORole) throws(AWSError) -> AWSCredentials {
        let remedy = AWSError(
            .signInNeeded,
            "the sign-in for profile \(role.profile) has ended: run aws sso login --profile \(role.profile)")
        let name = Hexadecimal.text(of: SHA1.hash(role.tokenName.utf8))
        guard let file = try environment.content(of: "~/.aws/sso/cache/\(name).json") else { throw remedy }
        let token: Secret? = read(file) { cached in
            let end = cached["expiresAt"]?.string.flatMap(UTCTime.unixSeconds(iso8601:))
            guard let end, end > clock.unixSeconds else { return nil }
            return cached["accessToken"]?.string.map { Secret($0) }
        }
        guard let token else { throw remedy }
        let domain = role.region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let place = try endpoint("sso") ?? "https://portal.sso.\(role.region).\(domain)"
        var query = HTTPQuery()
        query.append("role_name", role.name)
        query.append("account_id", role.account)
        let request = ClientRequest(
            .get, "\(place)/federation/credentials?\(query.encoded)",
            fields: ["x-amz-sso_bearer_token": token.reveal()])
        let response = try connection.send(request, timeoutMilliseconds: Self.serviceTimeoutMilliseconds)
        clock.learn(from: response, of: place)
        if response.status == .unauthorized { throw remedy }
        guard response.status == .ok else { throw unusable(response, of: place) }
        let credentials: AWSCredentials? = read(response.body) { answer in
            guard let found = answer["roleCredentials"], let id = found["accessKeyId"]?.string,
                let secret = found["secretAccessKey"]?.string, let end = found["expiration"]?.int64
            else { return nil }
            return AWSCredentials(
                accessKeyID: id, secretAccessKey: Secret(secret),
                sessionToken: Secret(found["sessionToken"]?.string ?? ""),
                expiresAt: end / 1_000)
        }
        guard let credentials else { throw unreadable(place) }
        return credentials
    }

    private func loggedIn(_ session: String, profile: String) throws(AWSError) -> AWSCredentials {
        let remedy = AWSError(
            .signInNeeded, "the login of profile \(profile) has ended: run aws login --profile \(profile)")
        let folder = environment["AWS_LOGIN_CACHE_DIRECTORY"] ?? "~/.aws/login/cache"
        let name = Hexadecimal.text(of: SHA256.hash(session.utf8))
        guard let file = try environment.content(of: "\(folder)/\(name).json") else { throw remedy }
        let credentials: AWSCredentials? = read(file) { cached in
            guard let found = cached["accessToken"], let id = found["accessKeyId"]?.string,
                let secret = found["secretAccessKey"]?.string,
                let end = found["expiresAt"]?.string.flatMap(UTCTime.unixSeconds(iso8601:)), end > clock.unixSeconds
            else { return nil }
            return AWSCredentials(
                accessKeyID: id, secretAccessKey: Secret(secret),
                sessionToken: Secret(found["sessionToken"]?.string ?? ""),
                expiresAt: end)
        }
        guard let credentials else { throw remedy }
        return credentials
    }

    // MARK: - A command

    private func printed(by words: [String]) throws(AWSError) -> AWSCredentials {
        let output = try CredentialProcess(
            words: words, environment: environment, withheldVariables: withheldVariables
        ).output(
            timeoutMilliseconds: Self.commandTimeoutMilliseconds, bytesMax: Self.commandOutputBytesMax)
        var problem = "is no JSON"
        let credentials: AWSCredentials? = read(output) { answer in
            problem = "has no Version 1, AccessKeyId and SecretAccessKey, or an Expiration that is no time"
            guard answer["Version"]?.int64 == 1 else { return nil }
            return plainCredentials(answer, token: "SessionToken", mustEnd: false)
        }
        guard let credentials else {
            throw AWSError(.configuration, "what credential_process \(words[0]) prints \(problem)")
        }
        return credentials
    }

    // MARK: - Servers nearby

    private func given(byContainerAt url: String) throws(AWSError) -> AWSCredentials {
        guard ContainerEndpoint.isAllowed(url) else {
            throw AWSError(
                .configuration,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or a host of this machine or of its container service"
            )
        }
        var fields: HTTPFields = ["Accept": "application/json"]
        if let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            fields.append("Authorization", try environment.secret(in: file).reveal())
        } else if let token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] {
            fields.append("Authorization", token)
        }
        let response = try connection.direct.send(
            ClientRequest(.get, url, fields: fields), timeoutMilliseconds: Self.containerTimeoutMilliseconds)
        let place = "the container endpoint"
        guard response.status == .ok else { throw unusable(response, of: place) }
        let credentials: AWSCredentials? = read(response.body) { plainCredentials($0, token: "Token", mustEnd: true) }
        guard let credentials else { throw unreadable(place) }
        return credentials
    }

    /// Only the second version of the service, whose tokens cannot be had by tricking this process into a request.
    private func ofTheInstance() throws(AWSError) -> AWSCredentials {
        let none = "no credentials: none in the environment, in the files of AWS or of a container"
        if environment.isOn("AWS_EC2_METADATA_DISABLED") {
            throw AWSError(.noCredentials, "\(none), and the instance metadata service is switched off")
        }
        let isIPv6 = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
        var base =
            environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
            ?? (isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
        if base.hasSuffix("/") { base.removeLast() }
        let timeout =
            environment["AWS_METADATA_SERVICE_TIMEOUT"].flatMap { Int($0) }.map { max(1, min($0, 60)) * 1_000 }
            ?? Self.instanceMetadataTimeoutMilliseconds
        let direct = connection.direct
        let ask = { (method: HTTPMethod, path: String, fields: HTTPFields) throws(AWSError) -> ClientResponse in
            do throws(AWSError) {
                return try direct.send(
                    ClientRequest(method, "\(base)/latest/\(path)", fields: fields), timeoutMilliseconds: timeout)
            } catch {
                throw AWSError(
                    .noCredentials,
                    "\(none), and the instance metadata service does not answer: \(error). In a container on EC2 it "
                        + "needs a hop limit of 2")
            }
        }
        let place = "the instance metadata service"
        let token = try ask(.put, "api/token", ["x-aws-ec2-metadata-token-ttl-seconds": "21600"])
        guard token.status == .ok else { throw unusable(token, of: place) }
        let fields: HTTPFields = ["x-aws-ec2-metadata-token": String(decoding: token.body, as: UTF8.self)]
        let roles = try ask(.get, "meta-data/iam/security-credentials/", fields)
        guard roles.status == .ok,
            let role = String(decoding: roles.body, as: UTF8.self).split(whereSeparator: \.isNewline).first
        else { throw AWSError(.noCredentials, "\(none), and this machine has no role: status \(roles.status.code)") }
        let answer = try ask(.get, "meta-data/iam/security-credentials/\(PercentEncoding.encode(String(role)))", fields)
        guard answer.status == .ok else { throw unusable(answer, of: place) }
        let credentials: AWSCredentials? = read(answer.body) { plainCredentials($0, token: "Token", mustEnd: true) }
        guard let credentials else { throw unreadable(place) }
        return credentials
    }

    // MARK: - Answers

    /// Credentials as commands and servers nearby give them.
    private func plainCredentials(_ answer: JSONNode, token: StaticString, mustEnd: Bool) -> AWSCredentials? {
        guard let id = answer["AccessKeyId"]?.string, let secret = answer["SecretAccessKey"]?.string else { return nil }
        let end = answer["Expiration"]?.string
        let expiresAt = end.flatMap(UTCTime.unixSeconds(iso8601:))
        guard expiresAt != nil || (end == nil && !mustEnd) else { return nil }
        return AWSCredentials(
            accessKeyID: id, secretAccessKey: Secret(secret), sessionToken: Secret(answer[token]?.string ?? ""),
            expiresAt: expiresAt)
    }

    private func read<Value>(_ bytes: [UInt8], _ take: (JSONNode) -> Value?) -> Value? {
        var tree = JSONTree()
        return bytes.withUnsafeBytes { bytes in
            guard let root = try? tree.parse(bytes) else { return nil }
            return take(root)
        }
    }

    private func unusable(_ response: ClientResponse, of place: String) -> AWSError {
        let isRefusal = [400, 401, 403].contains(response.status.code)
        return AWSError(
            isRefusal ? .refused : .unavailable,
            "\(Secret.withholdingCredentials(in: place)) answers with status \(response.status.code)")
    }

    private func unreadable(_ place: String) -> AWSError {
        AWSError(
            .unavailable, "the answer of \(Secret.withholdingCredentials(in: place)) has no credentials with an end")
    }
}
