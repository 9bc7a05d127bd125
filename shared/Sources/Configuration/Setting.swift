/// A key of the configuration with its value: the row in which everything about the key is written.
///
///     @Setting("redis.port", .port, default: 6379, "Port of Redis.")
///     public var port
///
/// The property is the value. With a `$` before it, it is the setting itself, with name and origin.
@propertyWrapper
public struct Setting<Value: Sendable>: Sendable {
    /// The value that is in force.
    public var wrappedValue: Value
    /// Name, type, default and documentation.
    public let key: ConfigurationKey<Value>
    /// Where the value came from.
    public private(set) var origin: ConfigurationOrigin

    /// The setting itself.
    public var projectedValue: Setting { self }

    /// The key's name, `redis.port`.
    public var name: String { key.name }

    /// Declares a key. Its value is the default or, in a section that is being read, what the reader finds.
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
        self.init(
            ConfigurationKey(
                name, form, default: fallback, environment: environment, option: option, fallbackText: fallbackText,
                summary))
    }

    /// Takes a key that belongs to another section.
    public init<Section: SettingsSection>(_ setting: KeyPath<Section, Setting<Value>>) {
        self.init(Section.defaults[keyPath: setting].key)
    }

    private init(_ key: ConfigurationKey<Value>) {
        self.key = key
        (wrappedValue, origin) = ConfigurationReader.current?.setting(of: key) ?? (key.fallback, .fallback)
    }

    /// Puts in a value that follows from another key.
    public mutating func derive(_ value: Value, from origin: ConfigurationOrigin, in reader: ConfigurationReader) {
        (wrappedValue, self.origin) = (value, origin)
        reader.record(key, value, from: origin)
    }

    /// Takes the value from variables that other programs understand as well, if nothing has set the key itself.
    ///
    /// - Parameter variables: the strongest first.
    public mutating func fill(from variables: [String], in reader: ConfigurationReader) {
        guard !origin.isSet else { return }
        (wrappedValue, origin) = reader.setting(of: key, fromVariables: variables)
    }
}

/// A part of the configuration whose keys are its properties with ``Setting``.
public protocol SettingsSection: Sendable {
    /// Every key with its default.
    init()

    /// Derives what follows from several keys, and reports what is wrong with them together. Called once, when all keys
    /// have been read.
    mutating func complete(_ reader: ConfigurationReader)
}

extension SettingsSection {
    /// Reads every key; mistakes are in the reader's `problems` afterwards.
    ///
    /// - Parameter prepare: changes what counts when the keys are looked at together.
    public init(from reader: ConfigurationReader, prepare: (inout Self) -> Void = { _ in }) {
        self = ConfigurationReader.fill(by: reader) { Self() }
        prepare(&self)
        complete(reader)
    }

    /// Nothing more than the keys themselves.
    public mutating func complete(_ reader: ConfigurationReader) {}

    /// The defaults, whether or not some section is being read.
    static var defaults: Self { ConfigurationReader.fill(by: nil) { Self() } }
}

extension ConfigurationSection {
    /// The section of the file that holds the keys of `types`, in the order of their properties; keys that belong to other
    /// sections are left out.
    public init(_ name: String, _ summary: String, of types: any SettingsSection.Type...) {
        let settings = types.flatMap { type in
            Mirror(reflecting: type.defaults).children.compactMap { $0.value as? any DefinedByKey }
        }
        self.init(name, summary, keys: settings.map(\.definition).filter { $0.name.hasPrefix(name + ".") })
    }
}

/// A setting without its Swift type.
private protocol DefinedByKey {
    var definition: KeyDefinition { get }
}

extension Setting: DefinedByKey {
    fileprivate var definition: KeyDefinition { key.definition }
}
