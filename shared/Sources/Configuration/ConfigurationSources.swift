import Glibc

/// Everything that may set a key, before any of it is typed.
public struct ConfigurationSources: Sendable {
    /// A key that the command line sets.
    public struct Assignment: Sendable {
        let name: String
        let text: String
        let option: String

        /// - Parameter option: the option that set it, `--set` or `--sink`.
        public init(_ name: String, _ text: String, option: String) {
            self.name = name
            self.text = text
            self.option = option
        }
    }

    /// Options of the command line; of several for one key the last one counts.
    public var assignments: [Assignment]
    /// The value of a variable, nil when there is none; the empty value counts as none.
    public var environment: @Sendable (String) -> String?
    /// The configuration file, if there is one.
    public var file: ConfigurationFile?
    /// Whether files that hold a value are opened; if not, as when the file of another machine is checked, their keys have the
    /// default as value and the file's place as origin.
    public var opensValueFiles = true

    /// Names the sources; without arguments nothing is set.
    public init(
        assignments: [Assignment] = [], environment: @escaping @Sendable (String) -> String? = { _ in nil },
        file: ConfigurationFile? = nil
    ) {
        self.assignments = assignments
        self.environment = environment
        self.file = file
    }

    /// The environment of this process.
    public static let processEnvironment: @Sendable (String) -> String? = { name in
        getenv(name).map { String(cString: $0) }
    }
}
