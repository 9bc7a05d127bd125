import Logging

/// Finds out where credentials come from, in the order and by the names of AWS' SDKs; asks nobody.
struct CredentialChain {
    let environment: AWSEnvironment
    let profiles: Profiles
    /// The profile that the configuration names. Who names one there means it before keys in the environment.
    let configuredProfile: String?

    private var namedProfile: String? {
        configuredProfile ?? environment["AWS_DEFAULT_PROFILE"] ?? environment["AWS_PROFILE"]
    }

    /// The profile that counts.
    var profile: String {
        namedProfile ?? "default"
    }

    /// The first source that is named; the instance metadata service when none is.
    ///
    /// - Throws: ``AWSError`` with `.configuration` for a profile that is missing, incomplete or leads to itself.
    func source() throws(AWSError) -> CredentialSource {
        if namedProfile != nil, !profiles.has(profile) {
            throw AWSError(.configuration, "the profile \(profile) is in neither of the files of AWS")
        }
        let isFromEnvironment = configuredProfile == nil
        if isFromEnvironment, let source = try environmentKeys() { return source }
        if isRole(profile) { return try role(of: profile, visited: [profile]) }
        if let source = try webIdentity(of: profile, isFromEnvironment: isFromEnvironment) { return source }
        if let source = try ownCredentials(of: profile) { return source }
        if let source = container() { return source }
        return .instanceMetadata
    }

    // MARK: - Environment

    private func environmentKeys() throws(AWSError) -> CredentialSource? {
        guard let accessKeyID = environment["AWS_ACCESS_KEY_ID"] else { return nil }
        guard let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
            throw AWSError(.configuration, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        let end = environment["AWS_CREDENTIAL_EXPIRATION"]
        let expiresAt = end.flatMap(UTCTime.unixSeconds(iso8601:))
        guard end == nil || expiresAt != nil else {
            throw AWSError(.configuration, "AWS_CREDENTIAL_EXPIRATION is no time such as 2026-11-28T09:45:00Z")
        }
        return .keys(
            AWSCredentials(
                accessKeyID: accessKeyID, secretAccessKey: Secret(secret),
                sessionToken: Secret(environment["AWS_SECURITY_TOKEN"] ?? environment["AWS_SESSION_TOKEN"] ?? ""),
                expiresAt: expiresAt), from: "environment variables")
    }

    private func container() -> CredentialSource? {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            return .container(url: "http://169.254.170.2\(path)")
        }
        return environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].map { .container(url: $0) }
    }

    // MARK: - Roles

    /// A role that a token of another identity provider gives is none that is assumed with credentials.
    private func isRole(_ name: String) -> Bool {
        profiles.text("role_arn", of: name) != nil && profiles.text("web_identity_token_file", of: name) == nil
    }

    private func role(of name: String, visited: [String]) throws(AWSError) -> CredentialSource {
        if profiles.text("mfa_serial", of: name) != nil {
            throw AWSError(
                .configuration,
                "profile \(name) wants a code of a device (mfa_serial), for which a service cannot ask")
        }
        var role = AssumedRole(arn: profiles.text("role_arn", of: name) ?? "")
        role.sessionName = profiles.text("role_session_name", of: name)
        role.externalID = profiles.text("external_id", of: name)
        role.durationSeconds = profiles.text("duration_seconds", of: name).flatMap { Int($0) }
        switch (profiles.text("source_profile", of: name), profiles.text("credential_source", of: name)) {
        case (.some, .some):
            throw AWSError(.configuration, "profile \(name) has both source_profile and credential_source")
        case (nil, nil):
            throw AWSError(
                .configuration, "profile \(name) has a role_arn and neither source_profile nor credential_source")
        case (nil, let place?): return .role(role, by: try namedSource(place, of: name))
        case (let source?, nil): return .role(role, by: try sourceProfile(source, of: name, visited: visited))
        }
    }

    private func namedSource(_ place: String, of name: String) throws(AWSError) -> CredentialSource {
        let source: CredentialSource?
        switch place {
        case "Environment": source = try environmentKeys()
        case "EcsContainer": source = container()
        case "Ec2InstanceMetadata": source = .instanceMetadata
        default:
            throw AWSError(
                .configuration,
                "credential_source of profile \(name) is none of Environment, EcsContainer and Ec2InstanceMetadata")
        }
        guard let source else {
            throw AWSError(.configuration, "profile \(name) wants credentials of \(place), where there are none")
        }
        return source
    }

    private func sourceProfile(_ source: String, of name: String, visited: [String]) throws(AWSError)
        -> CredentialSource
    {
        guard profiles.has(source) else {
            throw AWSError(
                .configuration, "source_profile \(source) of profile \(name) is in neither of the files of AWS")
        }
        let hasKeys = ["aws_access_key_id", "aws_secret_access_key"].contains { profiles.secret($0, of: source) != nil }
        // A profile may name itself: its keys assume its role.
        if visited.contains(source), source != name || !hasKeys {
            throw AWSError(
                .configuration, "source_profile leads in a circle: \((visited + [source]).joined(separator: " → "))")
        }
        if !hasKeys, isRole(source) { return try role(of: source, visited: visited + [source]) }
        if let found = try webIdentity(of: source, isFromEnvironment: false) { return found }
        guard let found = try ownCredentials(of: source) else {
            throw AWSError(.configuration, "source_profile \(source) of profile \(name) has no credentials")
        }
        return found
    }

    private func webIdentity(of name: String, isFromEnvironment: Bool) throws(AWSError) -> CredentialSource? {
        let value = { (key: String, variable: String) in
            (isFromEnvironment ? environment[variable] : nil) ?? profiles.text(key, of: name)
        }
        guard let file = value("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let arn = value("role_arn", "AWS_ROLE_ARN") else {
            throw AWSError(.configuration, "there is a web identity token and no role: role_arn, AWS_ROLE_ARN")
        }
        return .webIdentity(
            AssumedRole(arn: arn, sessionName: value("role_session_name", "AWS_ROLE_SESSION_NAME")), tokenFile: file)
    }

    // MARK: - A profile's own

    /// What a profile has without a role: a session, keys, a command.
    private func ownCredentials(of name: String) throws(AWSError) -> CredentialSource? {
        if let role = try ssoRole(of: name) { return .sso(role) }
        if let keys = try keys(of: name, in: .credentials) { return keys }
        if let session = profiles.text("login_session", of: name) { return .login(session: session, profile: name) }
        if let command = profiles.text("credential_process", of: name) {
            guard let words = CommandWords.split(command), !words.isEmpty else {
                throw AWSError(
                    .configuration, "credential_process of profile \(name) is no command: a quote has no end")
            }
            return .process(words: words)
        }
        return try keys(of: name, in: .config)
    }

    private func keys(of name: String, in origin: Profiles.Origin) throws(AWSError) -> CredentialSource? {
        guard let accessKeyID = profiles.secret("aws_access_key_id", of: name, in: origin) else { return nil }
        guard let secret = profiles.secret("aws_secret_access_key", of: name, in: origin) else {
            throw AWSError(.configuration, "profile \(name) has aws_access_key_id and no aws_secret_access_key")
        }
        let token = ["aws_security_token", "aws_session_token"].lazy.compactMap {
            profiles.secret($0, of: name, in: origin)
        }
        return .keys(
            AWSCredentials(
                accessKeyID: accessKeyID.reveal(), secretAccessKey: secret, sessionToken: token.first ?? Secret()),
            from: "profile \(name)")
    }

    private func ssoRole(of name: String) throws(AWSError) -> SSORole? {
        let own = { profiles.text($0, of: name) }
        guard own("sso_role_name") != nil || own("sso_account_id") != nil else { return nil }
        var session: [String: Secret] = [:]
        if let sessionName = own("sso_session") {
            guard let found = profiles.ssoSession(sessionName) else {
                throw AWSError(
                    .configuration, "profile \(name) names the sso-session \(sessionName), which is not there")
            }
            session = found
        }
        func value(_ key: String) throws(AWSError) -> String {
            let (mine, shared) = (own(key), session[key]?.reveal())
            if let mine, let shared, mine != shared {
                throw AWSError(.configuration, "profile \(name) and its sso-session have different values of \(key)")
            }
            guard let value = mine ?? shared else {
                throw AWSError(.configuration, "profile \(name) uses IAM Identity Center and has no \(key)")
            }
            return value
        }
        let start = try value("sso_start_url")
        return SSORole(
            name: try value("sso_role_name"), account: try value("sso_account_id"), region: try value("sso_region"),
            tokenName: own("sso_session") ?? start, profile: name)
    }
}
