import APIDescription
import Configuration
import HTTPServer
import Settings

/// What is wrong in a configuration, as far as the file alone tells it.
struct ConfigurationCheck {
    /// A mistake, or something that may be one.
    struct Finding: Sendable, Equatable {
        /// The key, if it is one key's.
        let key: String?
        /// Counted from 1; nil where it has no place.
        let line: Int?
        let message: String
        /// Whether services would refuse it. What has no place in the file may be right by a variable of the environment.
        let isError: Bool
    }

    /// All of them, in the order of their lines.
    static func findings(in text: ConfigurationText) -> [Finding] {
        let (problems, notes) = read(text.file)
        let (always, _) = read(ConfigurationFile(path: text.file.path, bytes: []))
        let known = Set(always.map(\.message))
        let keys = Dictionary(text.names.compactMap { name in text.line(of: name).map { ($0, name) } }) { first, _ in
            first
        }
        let found =
            problems.filter { !known.contains($0.message) }.map { finding($0, keys, canBeError: true) }
            + notes.map { finding($0, keys, canBeError: false) }
        return found.sorted { ($0.line ?? .max) < ($1.line ?? .max) }
    }

    /// Files that hold secrets are those of the services' containers, and not opened here.
    private static func read(_ file: ConfigurationFile) -> (problems: [ConfigurationError], notes: [ConfigurationError])
    {
        let reader = reader(of: file)
        SettingsCatalog.readAll(from: reader)
        return (reader.problems, reader.notes)
    }

    private static func reader(of file: ConfigurationFile) -> ConfigurationReader {
        var sources = ConfigurationSources(file: file)
        sources.opensValueFiles = false
        return ConfigurationReader(sources, sections: SettingsCatalog.sections)
    }

    /// Why the sender of a request would be turned away with this text; nil when it would not.
    static func refusal(of request: ServerRequest, by text: ConfigurationText) -> Problem? {
        let web = WebSettings(from: reader(of: text.file))
        return RequestGuard(
            hosts: HostNames(web).names, networks: web.allowedNetworks, sessionCookie: "", isEncrypted: false
        ).refusal(of: request)
    }

    private static func finding(
        _ problem: ConfigurationError, _ keys: [Int: String], canBeError: Bool
    ) -> Finding {
        guard case .file(_, let line) = problem.origin else {
            return Finding(key: nil, line: nil, message: problem.message, isError: false)
        }
        return Finding(key: keys[line], line: line, message: problem.message, isError: canBeError)
    }
}
