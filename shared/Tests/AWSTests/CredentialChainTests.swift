import Logging
import Testing

@testable import AWS

@Suite struct CredentialChainTests {
    private static let config = """
        [default]
        region = eu-central-1
        aws_access_key_id = IN-CONFIG
        aws_secret_access_key = s
        [profile command]
        credential_process = tool --id "a b"
        aws_access_key_id = AFTER-COMMAND
        aws_secret_access_key = s
        [profile role]
        role_arn = arn:aws:iam::1:role/a
        source_profile = keys
        external_id = x
        duration_seconds = 900
        aws_access_key_id = LESS-THAN-THE-ROLE
        aws_secret_access_key = s
        [profile chain]
        role_arn = arn:aws:iam::1:role/b
        role_session_name = pi
        source_profile = role-without-keys
        [profile role-without-keys]
        role_arn = arn:aws:iam::1:role/c
        source_profile = command
        [profile itself]
        role_arn = arn:aws:iam::1:role/d
        source_profile = itself
        [profile circle]
        role_arn = arn:aws:iam::1:role/e
        source_profile = circle-2
        [profile circle-2]
        role_arn = arn:aws:iam::1:role/f
        source_profile = circle
        [profile from-environment]
        role_arn = arn:aws:iam::1:role/g
        credential_source = Environment
        [profile from-instance]
        role_arn = arn:aws:iam::1:role/g
        credential_source = Ec2InstanceMetadata
        [profile from-nowhere]
        role_arn = arn:aws:iam::1:role/g
        credential_source = Moon
        [profile both]
        role_arn = arn:aws:iam::1:role/g
        credential_source = Environment
        source_profile = keys
        [profile neither]
        role_arn = arn:aws:iam::1:role/g
        [profile device]
        role_arn = arn:aws:iam::1:role/g
        source_profile = keys
        mfa_serial = arn:aws:iam::1:mfa/me
        [profile web]
        role_arn = arn:aws:iam::1:role/h
        web_identity_token_file = /token
        [profile sso]
        sso_session = company
        sso_account_id = 123456789012
        sso_role_name = Reader
        [profile old-sso]
        sso_start_url = https://company.awsapps.com/start
        sso_region = us-east-1
        sso_account_id = 123456789012
        sso_role_name = Reader
        [profile half-sso]
        sso_role_name = Reader
        [sso-session company]
        sso_region = eu-west-1
        sso_start_url = https://company.awsapps.com/start
        [profile login]
        login_session = arn:aws:iam::1:user/me
        [profile empty]
        region = us-west-2
        """
    private static let credentials = """
        [keys]
        aws_access_key_id = KEYS
        aws_secret_access_key = s
        aws_session_token = t
        [command]
        [itself]
        aws_access_key_id = ITSELF
        aws_secret_access_key = s
        [half]
        aws_access_key_id = HALF
        """

    private func source(_ variables: [String: String], profile: String? = nil) throws -> CredentialSource {
        try CredentialChain(
            environment: AWSEnvironment { variables[$0] },
            profiles: Profiles(
                config: try ProfileFile(Array(Self.config.utf8), path: "config"),
                credentials: try ProfileFile(Array(Self.credentials.utf8), path: "credentials")),
            configuredProfile: profile
        ).source()
    }

    /// The source in few words: what the credentials would be asked with.
    private func words(_ source: CredentialSource) -> String {
        switch source {
        case .keys(let credentials, _): credentials.accessKeyID
        case .role(let role, let source): "\(role.arn.suffix(1)) < \(words(source))"
        case .webIdentity(let role, let file): "\(role.arn.suffix(1)) < \(file)"
        case .sso(let role): "\(role.name) \(role.region) \(role.tokenName)"
        case .login(let session, _): session
        case .process(let words): words.joined(separator: "|")
        case .container(let url): url
        case .instanceMetadata: "instance"
        }
    }

    private static let keys = ["AWS_ACCESS_KEY_ID": "ENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "s"]

    private static func keys(andProfile name: String) -> [String: String] {
        keys.merging(["AWS_PROFILE": name]) { $1 }
    }

    @Test(
        arguments: [
            ([:], nil, "IN-CONFIG"),
            (keys, nil, "ENVIRONMENT"),
            (keys(andProfile: "keys"), nil, "ENVIRONMENT"),
            (keys, "keys", "KEYS"),
            (["AWS_PROFILE": "keys"], nil, "KEYS"),
            (["AWS_PROFILE": "keys"], "command", "tool|--id|a b"),
            (["AWS_PROFILE": "role"], nil, "a < KEYS"),
            (["AWS_PROFILE": "chain"], nil, "b < c < tool|--id|a b"),
            (["AWS_PROFILE": "itself"], nil, "d < ITSELF"),
            (keys, "from-environment", "g < ENVIRONMENT"),
            ([:], "from-instance", "g < instance"),
            ([:], "web", "h < /token"),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/env", "AWS_ROLE_ARN": "r"], nil, "r < /env"),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/env", "AWS_ROLE_ARN": "r"], "web", "h < /token"),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/env", "AWS_ROLE_ARN": "r"], "keys", "KEYS"),
            ([:], "sso", "Reader eu-west-1 company"),
            ([:], "old-sso", "Reader us-east-1 https://company.awsapps.com/start"),
            ([:], "login", "arn:aws:iam::1:user/me"),
            ([:], "empty", "instance"),
            (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/a"], "empty", "http://169.254.170.2/v2/a"),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/a"], "empty", "http://localhost/a"),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/a"], nil, "IN-CONFIG"),
        ] as [([String: String], String?, String)])
    func theFirstThatIsNamedCounts(variables: [String: String], profile: String?, expected: String) throws {
        #expect(words(try source(variables, profile: profile)) == expected)
    }

    @Test(
        arguments: [
            ([:], "moi33", "the profile moi33 is in neither of the files of AWS"),
            (keys(andProfile: "moi33"), nil, "the profile moi33 is in neither of the files of AWS"),
            (["AWS_ACCESS_KEY_ID": "A"], nil, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not"),
            ([:], "half", "profile half has aws_access_key_id and no aws_secret_access_key"),
            ([:], "circle", "source_profile leads in a circle: circle → circle-2 → circle"),
            ([:], "both", "profile both has both source_profile and credential_source"),
            ([:], "neither", "profile neither has a role_arn and neither source_profile nor credential_source"),
            (
                [:], "from-environment",
                "profile from-environment wants credentials of Environment, where there are none"
            ),
            (
                [:], "from-nowhere",
                "credential_source of profile from-nowhere is none of Environment, EcsContainer and Ec2InstanceMetadata"
            ),
            ([:], "device", "profile device wants a code of a device (mfa_serial), for which a service cannot ask"),
            ([:], "half-sso", "profile half-sso uses IAM Identity Center and has no sso_start_url"),
            (
                ["AWS_WEB_IDENTITY_TOKEN_FILE": "/env"], nil,
                "there is a web identity token and no role: role_arn, AWS_ROLE_ARN"
            ),
        ] as [([String: String], String?, String)])
    func whatCannotBeIsToldAtOnce(variables: [String: String], profile: String?, message: String) {
        #expect(throws: AWSError(.configuration, message)) { try source(variables, profile: profile) }
    }

    @Test func whatGoesWithARoleIsSentWithIt() throws {
        guard case .role(let role, _) = try source([:], profile: "role") else {
            Issue.record("no role")
            return
        }
        #expect(role == AssumedRole(arn: "arn:aws:iam::1:role/a", externalID: "x", durationSeconds: 900))
    }

    @Test func noTextOfASourceShowsASecret() throws {
        let source = try source([
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "hidden",
        ])
        var dumped = ""
        dump(source, to: &dumped)
        #expect(!"\(source) \(source.description) \(dumped)".contains("hidden"))
    }

    @Test(arguments: [
        ("http://169.254.170.2/a", true), ("http://169.254.170.23/a", true), ("http://[fd00:ec2::23]/a", true),
        ("http://127.8.0.1:80/a", true), ("http://[::1]:8080/a", true), ("http://localhost:1/a", true),
        ("https://credentials.example.com/a", true), ("http://credentials.example.com/a", false),
        ("http://127.0.0.1.example.com/a", false), ("http://169.254.169.254/a", false),
        ("http://localhost@evil/a", false),
        ("file:///etc/passwd", false),
    ])
    func aTokenGoesToNobodyElse(url: String, isAllowed: Bool) {
        #expect(ContainerEndpoint.isAllowed(url) == isAllowed)
    }
}
