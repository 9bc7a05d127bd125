/// Where the value of a key came from, in rising order of precedence.
public enum ConfigurationOrigin: Sendable, Equatable, CustomStringConvertible {
    /// Nobody set the key.
    case fallback
    /// A line of the configuration file.
    case file(path: String, line: Int)
    /// An environment variable.
    case environment(String)
    /// The file that an environment variable names.
    case environmentFile(variable: String, path: String)
    /// An option of the command line, `--set` or a short-cut.
    case flag(String)

    /// For people: `config.yaml:12`, `environment REDIS_HOST`, `--set`, `default`.
    public var description: String {
        switch self {
        case .fallback: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let variable): "environment \(variable)"
        case .environmentFile(let variable, let path): "environment \(variable)=\(path)"
        case .flag(let option): option
        }
    }

    /// Whether the key was set at all.
    public var isSet: Bool { self != .fallback }

    /// Whether a value from here wins over one from there; two of the same kind of source do not win over each other.
    public func overrides(_ other: ConfigurationOrigin) -> Bool {
        rank > other.rank
    }

    private var rank: Int {
        switch self {
        case .fallback: 0
        case .file: 1
        case .environment, .environmentFile: 2
        case .flag: 3
        }
    }
}
