import Logging

/// Where credentials come from: what was found in variables and files, before anything is asked for.
indirect enum CredentialSource: Equatable, Sendable {
    /// They are there.
    case keys(AWSCredentials, from: String)
    /// STS lends those of a role to who has others.
    case role(AssumedRole, by: CredentialSource)
    /// STS lends those of a role to who has a token of another identity provider.
    case webIdentity(AssumedRole, tokenFile: String)
    /// IAM Identity Center lends those of a role to who has signed in.
    case sso(SSORole)
    /// `aws login` has left them.
    case login(session: String, profile: String)
    /// A command prints them.
    case process(words: [String])
    /// The agent of a container service has them, at this URL.
    case container(url: String)
    /// The machine's own role has them.
    case instanceMetadata

    /// For people.
    var description: String {
        switch self {
        case .keys(_, let place): place
        case .role(let role, let source): "role \(role.arn) by \(source.description)"
        case .webIdentity(let role, let file): "role \(role.arn) by the web identity token in \(file)"
        case .sso(let role): "role \(role.name) of account \(role.account) by IAM Identity Center"
        case .login(_, let profile): "the login session of profile \(profile)"
        case .process(let words): "credential_process \(words.first ?? "")"
        case .container(let url): "the container endpoint \(Secret.withholdingCredentials(in: url))"
        case .instanceMetadata: "the instance metadata service"
        }
    }

    /// Whether looking again costs only the reading of two files.
    var isInFiles: Bool {
        if case .keys = self { true } else { false }
    }
}

/// A role that STS lends.
struct AssumedRole: Equatable, Sendable {
    var arn: String
    /// How the session is called in logs of AWS; nil for a name of ours.
    var sessionName: String?
    var externalID: String?
    var durationSeconds: Int?
}

/// A role that IAM Identity Center lends.
struct SSORole: Equatable, Sendable {
    var name: String
    var account: String
    var region: String
    /// What the file with the token is named after: the session, or the start URL where there is no session.
    var tokenName: String
    /// Who has to sign in when the token has ended.
    var profile: String
}
