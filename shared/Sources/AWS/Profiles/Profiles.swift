import Logging

/// The profiles of both files together.
struct Profiles {
    /// All that is said about a profile: what the credentials file says counts before what the config file says.
    private let merged: [String: ProfileFile.Section]
    /// What each file says alone: keys of the one come before a command, those of the other after it.
    private let inConfig: [String: ProfileFile.Section]
    private let inCredentials: [String: ProfileFile.Section]
    private let ssoSessions: [String: ProfileFile.Section]
    private let services: [String: ProfileFile.Section]

    /// Which of the files, or both.
    enum Origin {
        case config, credentials, both
    }

    init(config: ProfileFile, credentials: ProfileFile) {
        func named(_ kind: String) -> [String: ProfileFile.Section] {
            var found: [String: ProfileFile.Section] = [:]
            for (header, section) in config.sections {
                guard let words = CommandWords.split(header), words.count == 2, words[0] == kind else { continue }
                found[words[1]] = section
            }
            return found
        }
        var profiles = named("profile")
        if let section = config.sections["default"] {
            profiles["default"] = profiles["default"].map { Self.merged(section, $0) } ?? section
        }
        inConfig = profiles
        inCredentials = credentials.sections
        merged = inConfig.merging(credentials.sections) { Self.merged($0, $1) }
        ssoSessions = named("sso-session")
        services = named("services")
    }

    /// Whether a file has it.
    func has(_ profile: String) -> Bool { merged[profile] != nil }

    /// A value of a profile; nil when nobody says it.
    func secret(_ key: String, of profile: String, in origin: Origin = .both) -> Secret? {
        let sections =
            switch origin {
            case .config: inConfig
            case .credentials: inCredentials
            case .both: merged
            }
        return sections[profile]?.values[key]
    }

    /// A value that is no secret.
    func text(_ key: String, of profile: String) -> String? { secret(key, of: profile)?.reveal() }

    /// The values of an SSO session; nil when there is none of this name.
    func ssoSession(_ name: String) -> [String: Secret]? { ssoSessions[name]?.values }

    /// The URL at which a profile wants to reach a service, for that service alone or for all.
    func endpoint(of service: String, for profile: String) -> String? {
        let special = text("services", of: profile).flatMap { services[$0]?.nested[service]?["endpoint_url"]?.reveal() }
        return special ?? text("endpoint_url", of: profile)
    }

    private static func merged(_ one: ProfileFile.Section, _ other: ProfileFile.Section) -> ProfileFile.Section {
        ProfileFile.Section(
            values: one.values.merging(other.values) { $1 }, nested: one.nested.merging(other.nested) { $1 })
    }
}
