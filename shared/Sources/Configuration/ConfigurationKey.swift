/// One key of the configuration: its name, its type and everything that its documentation says.
///
/// The name is the path in the file, `redis.host` for `redis: {host: …}`, units last. The environment variable is the
/// name in upper case with `_` for the dots, unless another one is customary.
public struct ConfigurationKey<Value: Sendable>: Sendable {
    /// The value when nobody sets the key.
    public let fallback: Value
    /// What the key's documentation and the error messages show.
    public let definition: KeyDefinition

    let form: ValueForm<Value>

    /// Declares a key.
    ///
    /// - Parameters:
    ///   - name: section and name, `redis.connect_timeout_ms`.
    ///   - form: type and range.
    ///   - fallback: the default.
    ///   - environment: the variable, where it is not derived from the name.
    ///   - option: a short-cut on the command line.
    ///   - fallbackText: how the documentation shows the default, where it differs from machine to machine.
    ///   - summary: what the key means, in sentences.
    public init(
        _ name: String, _ form: ValueForm<Value>, default fallback: Value, environment: String? = nil,
        option: KeyOption? = nil, fallbackText: String? = nil, _ summary: String
    ) {
        self.fallback = fallback
        self.form = form
        let derived = String(name.map { $0 == "." ? "_" : $0 }).uppercased()
        definition = KeyDefinition(
            name: name, environment: environment ?? derived, option: option, allowed: form.allowed,
            kind: form.kind, fallbackText: fallbackText ?? form.text(fallback), summary: summary,
            isSecret: form.isSecret,
            isList: form.isList)
    }

    /// The name, `redis.host`.
    public var name: String { definition.name }
}

/// A short-cut on the command line for a key.
public enum KeyOption: Sendable, Equatable {
    /// `--sink NAME`
    case value(String, valueName: String)
    /// `--once` for the value `true`
    case enable(String)

    /// With its dashes.
    public var name: String {
        switch self {
        case .value(let name, _), .enable(let name): name
        }
    }
}

/// What is known about a key apart from its Swift type.
public struct KeyDefinition: Sendable {
    /// Path in the file.
    public let name: String
    /// Variable of the environment; with `_FILE` at its end it names a file that holds the value.
    public let environment: String
    /// Short-cut on the command line.
    public let option: KeyOption?
    /// Type and range in words.
    public let allowed: String
    /// What a form on a screen offers for it.
    public let kind: ValueKind
    /// The default in the form in which it would be written.
    public let fallbackText: String
    /// What the key means.
    public let summary: String
    /// Whether the value must not be shown.
    public let isSecret: Bool
    /// Whether the file may hold a sequence.
    public let isList: Bool

    /// For a secret: the key that names a file with the value, `redis.password_file`.
    public var fileName: String? { isSecret ? name + "_file" : nil }
}

/// The keys that belong together, and the section of the file that they stand in.
public struct ConfigurationSection: Sendable {
    /// Name of the section, the part of the keys' names before the dot.
    public let name: String
    /// What the section is about, in one sentence.
    public let summary: String
    /// In the order of the documentation.
    public let keys: [KeyDefinition]

    /// Declares a section; every key must stand in it.
    public init(_ name: String, _ summary: String, keys: [KeyDefinition]) {
        precondition(keys.allSatisfy { $0.name.hasPrefix(name + ".") }, "a key stands in the wrong section: \(name)")
        self.name = name
        self.summary = summary
        self.keys = keys
    }
}
