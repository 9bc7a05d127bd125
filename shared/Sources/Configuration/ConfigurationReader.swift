import Files
import Glibc
import Logging
import Synchronization

/// Looks keys up by precedence (command line, environment, file, default), types them, and collects all mistakes.
///
/// A wrong value does not stop the reading: the default stands in for it, and the mistake is in `problems`, which must
/// be empty before any setting is used.
public final class ConfigurationReader: Sendable {
    /// A key as it is in force, for `check-config`.
    public struct EffectiveSetting: Sendable {
        /// The key.
        public let key: KeyDefinition
        /// The value as it would be written; masked if it is secret.
        public let text: String
        /// Where it came from.
        public let origin: ConfigurationOrigin

        /// The key's name.
        public var name: String { key.name }
    }

    /// The reader that fills the section which a thread makes just now.
    private static let filling = Mutex<[pthread_t: ConfigurationReader]>([:])

    /// The reader of the section that this thread makes just now; nil when it is to have its defaults.
    static var current: ConfigurationReader? { filling.withLock { $0[pthread_self()] } }

    /// Makes a section whose settings are filled by a reader, or have their defaults.
    static func fill<Section>(by reader: ConfigurationReader?, _ make: () -> Section) -> Section {
        let thread = pthread_self()
        let outer = current
        filling.withLock { $0[thread] = reader }
        defer { filling.withLock { $0[thread] = outer } }
        return make()
    }

    private struct Findings {
        var problems: [ConfigurationError] = []
        var notes: [ConfigurationError] = []
        var effective: [EffectiveSetting] = []
    }

    /// The mistakes so far, in the order of their finding.
    public var problems: [ConfigurationError] { findings.withLock { $0.problems } }
    /// What is no mistake, but may surprise, in the order of its finding.
    public var notes: [ConfigurationError] { findings.withLock { $0.notes } }
    /// The keys that were read so far.
    public var effective: [EffectiveSetting] { findings.withLock { $0.effective } }

    private let findings: Mutex<Findings>
    private let sources: ConfigurationSources
    /// The variables of all keys: none of them names a file for another key.
    private let variables: Set<String>

    /// The environment, for variables that belong to no key: those of AWS, by which all its programs agree.
    public var environment: @Sendable (String) -> String? { sources.environment }

    /// The file that is read, if there is one.
    public var file: ConfigurationFile? { sources.file }

    /// Starts reading.
    ///
    /// - Parameters:
    ///   - sources: what sets keys.
    ///   - sections: all sections that may stand in the file, also those that this process does not read.
    public init(_ sources: ConfigurationSources, sections: [ConfigurationSection]) {
        self.sources = sources
        findings = Mutex(Findings(problems: sources.file?.problems ?? []))
        variables = Set(sections.flatMap(\.keys).map(\.environment))
        reportUnknownNames(sections.flatMap(\.keys))
    }

    /// The value of a key.
    public func value<Value>(of key: ConfigurationKey<Value>) -> Value {
        setting(of: key).value
    }

    /// The value of a key and where it came from.
    public func setting<Value>(of key: ConfigurationKey<Value>) -> (value: Value, origin: ConfigurationOrigin) {
        setting(of: key, from: raw(key.definition))
    }

    /// The value that a key has by variables of the environment that are not its own, the strongest first.
    func setting<Value>(
        of key: ConfigurationKey<Value>, fromVariables variables: [String]
    ) -> (value: Value, origin: ConfigurationOrigin) {
        setting(of: key, from: variables.lazy.compactMap(fromVariable).first)
    }

    private func setting<Value>(
        of key: ConfigurationKey<Value>, from raw: Raw?
    ) -> (value: Value, origin: ConfigurationOrigin) {
        var setting = (value: key.fallback, origin: ConfigurationOrigin.fallback)
        if let raw {
            guard let text = raw.text else {
                record(key, key.fallback, from: raw.origin)
                return (key.fallback, raw.origin)
            }
            if let value = key.form.parse(text) {
                setting = (value, raw.origin)
                if case .flag = raw.origin, raw.isOpen, key.form.shown(value) != key.form.text(value) {
                    report(
                        "\(key.name): every user of the machine can see a password on a command line; "
                            + "use \(key.definition.environment), \(key.definition.environment)_FILE or the configuration file",
                        at: raw.origin)
                }
            } else {
                let shown =
                    key.definition.isSecret ? "the value" : "\"\(Secret.withholdingCredentials(in: text))\""
                report("\(key.name): \(shown) is not allowed; it takes \(key.definition.allowed)", at: raw.origin)
            }
        }
        record(key, setting.value, from: setting.origin)
        return setting
    }

    /// States that a key is in force with a value that may have been derived from another key.
    func record<Value>(_ key: ConfigurationKey<Value>, _ value: Value, from origin: ConfigurationOrigin) {
        let entry = EffectiveSetting(key: key.definition, text: key.form.shown(value), origin: origin)
        findings.withLock { findings in
            if let index = findings.effective.firstIndex(where: { $0.name == key.name }) {
                findings.effective[index] = entry
            } else {
                findings.effective.append(entry)
            }
        }
    }

    /// Adds a mistake that only the meaning of the values shows.
    /// - Parameter cause: the error that the mistake showed itself by, whose words end the message.
    public func report(_ message: String, at origin: ConfigurationOrigin? = nil, cause: (any Error)? = nil) {
        findings.withLock { $0.problems.append(ConfigurationError(message, at: origin, cause: cause)) }
    }

    /// Adds what a person who checks the configuration should know.
    public func note(_ message: String, at origin: ConfigurationOrigin? = nil) {
        findings.withLock { $0.notes.append(ConfigurationError(message, at: origin)) }
    }

    // MARK: - Sources

    private struct Raw {
        /// nil for one that is in a file which is not opened.
        let text: String?
        let origin: ConfigurationOrigin
        /// Whether the text itself stands at the origin, not the name of a file that holds it.
        var isOpen = true
    }

    private func raw(_ key: KeyDefinition) -> Raw? {
        fromAssignments(key) ?? fromEnvironment(key) ?? fromFile(key)
    }

    private func fromAssignments(_ key: KeyDefinition) -> Raw? {
        guard let last = sources.assignments.last(where: { $0.name == key.name || $0.name == key.fileName }) else {
            return nil
        }
        let origin = ConfigurationOrigin.flag(last.option)
        return last.name == key.name ? Raw(text: last.text, origin: origin) : content(last.text, key, origin)
    }

    private func fromEnvironment(_ key: KeyDefinition) -> Raw? {
        let fileVariable = key.environment + "_FILE"
        let text = fromVariable(key.environment)
        let path = sources.environment(fileVariable).flatMap { $0.isEmpty ? nil : $0 }
        if let path, !variables.contains(fileVariable) {
            let origin = ConfigurationOrigin.environmentFile(variable: fileVariable, path: path)
            if text != nil {
                report("\(key.name): set either \(key.environment) or \(fileVariable), not both", at: origin)
            }
            return content(path, key, origin)
        }
        return text
    }

    private func fromVariable(_ name: String) -> Raw? {
        guard let text = sources.environment(name), !text.isEmpty else { return nil }
        return Raw(text: text, origin: .environment(name))
    }

    private func fromFile(_ key: KeyDefinition) -> Raw? {
        guard let file = sources.file else { return nil }
        if let name = key.fileName, let entry = file.entries[name] {
            let origin = ConfigurationOrigin.file(path: file.path, line: entry.line)
            if file.entries[key.name] != nil { report("set either \(key.name) or \(name), not both", at: origin) }
            return content(entry.text, key, origin)
        }
        guard let entry = file.entries[key.name] else { return nil }
        let origin = ConfigurationOrigin.file(path: file.path, line: entry.line)
        if entry.isSequence && !key.isList {
            report("\(key.name) takes one value, not a list: \(key.allowed)", at: origin)
            return nil
        }
        return Raw(text: entry.text, origin: origin)
    }

    /// The content of a file that holds a value, without the newline at its end.
    private func content(_ path: String, _ key: KeyDefinition, _ origin: ConfigurationOrigin) -> Raw? {
        guard sources.opensValueFiles else { return Raw(text: nil, origin: origin, isOpen: false) }
        do throws(FileError) {
            var bytes = try OpenFile(path).content(bytesMax: 64 * 1024)[...]
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            return Raw(text: String(decoding: bytes, as: UTF8.self), origin: origin, isOpen: false)
        } catch {
            report("\(key.name): the file \(error)", at: origin, cause: error)
            return nil
        }
    }

    // MARK: - Unknown keys

    private func reportUnknownNames(_ keys: [KeyDefinition]) {
        let known = Set(keys.map(\.name) + keys.compactMap(\.fileName))
        for (name, entry) in (sources.file?.entries ?? [:]).sorted(by: { $0.value.line < $1.value.line }) {
            reportIfUnknown(name, known, at: .file(path: sources.file?.path ?? "", line: entry.line))
        }
        for assignment in sources.assignments {
            reportIfUnknown(assignment.name, known, at: .flag(assignment.option))
        }
    }

    private func reportIfUnknown(_ name: String, _ known: Set<String>, at origin: ConfigurationOrigin) {
        guard !known.contains(name) else { return }
        if known.contains(where: { $0.hasPrefix(name + ".") }) {
            report("\(name) is a section and takes keys, not a value", at: origin)
        } else if let key = known.first(where: { name.hasPrefix($0 + ".") }) {
            report("\(key) takes a value, not keys", at: origin)
        } else {
            let hint = nearestName(to: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
            report("unknown key `\(name)`\(hint)", at: origin)
        }
    }
}
