public import Configuration
import Glibc
public import Lifecycle
import Logging
import Settings

/// The command line of a service: `run`, `check-config`, `healthcheck`, `--version`, `--help` and its own commands.
public struct ServiceCommand {
    /// Read if it exists and neither `--config` nor `CONFIG_FILE` names another file.
    public static let defaultConfigurationPath = "/etc/ids-suite/config.yaml"

    /// Name of the service and of its program.
    public let name: String
    /// Version of the service.
    public let version: String

    let summary: String
    let examples: [String]
    let subcommands: [Subcommand]
    let arguments: [String]
    let environment: @Sendable (String) -> String?

    /// Describes a service.
    ///
    /// - Parameters:
    ///   - name: that of its program, such as `eve-reader`.
    ///   - version: shown by `--version`, and a metric.
    ///   - summary: what it does, as a short phrase without a full stop.
    ///   - examples: command lines without the program's name, for the help.
    ///   - subcommands: commands of this service alone.
    ///   - arguments: the command line without the program's name.
    ///   - environment: the value of a variable.
    public init(
        _ name: String, version: String = suiteVersion, summary: String, examples: [String] = [],
        subcommands: [Subcommand] = [], arguments: [String] = processArguments,
        environment: @escaping @Sendable (String) -> String? = ConfigurationSources.processEnvironment
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.examples = examples
        self.subcommands = subcommands
        self.arguments = arguments
        self.environment = environment
    }

    /// Carries out the command line, and ends the process; without a command the service is made and run.
    ///
    /// - Parameters:
    ///   - refused: is called when mistakes in the configuration keep the service from running, with what could be read of it and
    ///     the path of the file.
    ///   - make: makes the service from its settings and its host; an error that it throws is logged, and the status is 1.
    public func run<Loaded: ServiceSettings>(
        refused: (Loaded, String) -> Void = { _, _ in }, _ make: (Loaded, ServiceHost) throws -> any Service
    ) -> Never {
        // A dump of a crashed process would leave its passwords on the disk.
        var noDump = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noDump)
        let (settings, reader) = load(Loaded.self, refused)
        ServiceHost(self, settings, reader).run { try make(settings, $0) }
    }

    /// The settings of a run. Every other command is carried out here and ends the process; so does a mistake, with
    /// status 2 and all mistakes on standard error.
    private func load<Loaded: ServiceSettings>(
        _ type: Loaded.Type, _ refused: (Loaded, String) -> Void
    ) -> (Loaded, ConfigurationReader) {
        switch outcome(type, refused: refused) {
        case .run(let settings, let reader): return (settings, reader)
        case .end(let end):
            writeOut(end.output)
            writeError(end.errors)
            exit(end.status)
        }
    }

    enum Outcome<Loaded> {
        case run(Loaded, ConfigurationReader)
        case end(CommandEnd)
    }

    func outcome<Loaded: ServiceSettings>(
        _ type: Loaded.Type, refused: (Loaded, String) -> Void = { _, _ in }
    ) -> Outcome<Loaded> {
        let help = CommandHelp(
            name: name, version: version, summary: summary, examples: examples, keys: type.keys,
            subcommands: subcommands)
        let line: CommandLineArguments
        do throws(UsageError) {
            line = try CommandLineArguments(arguments, keys: help.keys, subcommands: subcommands)
        } catch {
            return .end(refusal(error))
        }
        switch line.command {
        case .help: return .end(CommandEnd(status: 0, output: help.text))
        case .version: return .end(CommandEnd(status: 0, output: "\(name) \(version)\n"))
        case .other(let index, let words):
            let subcommand = subcommands[index]
            if words.contains("--help") || words.contains("-h") {
                return .end(CommandEnd(status: 0, output: help.text(of: subcommand)))
            }
            return .end(subcommand.carryOut(self, words))
        case .run, .checkConfig, .healthcheck: break
        }

        let (settings, reader) = read(type, line.configuration)
        let obstacles = line.command == .checkConfig ? settings.obstacles : []
        if let refusal = refusal(reader.problems + obstacles) {
            if line.command == .run { refused(settings, Self.path(of: reader)) }
            return .end(refusal)
        }
        switch line.command {
        case .checkConfig: return .end(CommandEnd(status: 0, output: table(reader)))
        case .healthcheck:
            let check = HealthCheck(
                bind: settings.host.httpBind, port: settings.httpPort.wrappedValue,
                path: line.asksReadiness ? "/readyz" : "/healthz")
            let (isGood, text) = check.run()
            return .end(CommandEnd(status: isGood ? 0 : 1, output: "\(text)\n"))
        default: return .run(settings, reader)
        }
    }

    /// Reads settings from everything that may set them.
    func read<Loaded: ServiceSettings>(
        _ type: Loaded.Type, _ options: ConfigurationOptions
    ) -> (Loaded, ConfigurationReader) {
        let sources = ConfigurationSources(
            assignments: options.assignments, environment: environment, file: file(options.path))
        let reader = ConfigurationReader(sources, sections: SettingsCatalog.sections)
        return (Loaded(from: reader), reader)
    }

    /// The message about a mistake in the command line.
    ///
    /// - Parameter words: the command that was asked for, if it is one of the service's own.
    func refusal(_ error: UsageError, of words: [String] = []) -> CommandEnd {
        let command = ([name] + words).joined(separator: " ")
        return CommandEnd(status: 2, errors: "\(command): \(error.message)\nTry `\(command) --help`.\n")
    }

    /// The message about mistakes in the configuration; nil when there are none.
    func refusal(_ problems: [ConfigurationError]) -> CommandEnd? {
        guard !problems.isEmpty else { return nil }
        let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
        let list = problems.map { "  \(TextEscaping.visible($0.description))\n" }.joined()
        return CommandEnd(status: 2, errors: "\(name): \(count) in the configuration\n\(list)")
    }

    /// Where the configuration file is, or would be looked for.
    static func path(of reader: ConfigurationReader) -> String { reader.file?.path ?? defaultConfigurationPath }

    private func file(_ option: String?) -> ConfigurationFile? {
        let variable = environment("CONFIG_FILE").flatMap { $0.isEmpty ? nil : $0 }
        if let path = option ?? variable { return ConfigurationFile(path: path) }
        let path = Self.defaultConfigurationPath
        return access(path, F_OK) == 0 ? ConfigurationFile(path: path) : nil
    }

    private func table(_ reader: ConfigurationReader) -> String {
        let rows =
            [("KEY", "VALUE", "ORIGIN")]
            + reader.effective.map { setting in
                (
                    setting.name, setting.text.isEmpty ? "-" : TextEscaping.visible(setting.text),
                    TextEscaping.visible(setting.origin.description)
                )
            }
        // A single long list must not push the last column out of sight for all others.
        let widths = (rows.map(\.0.count).max() ?? 0, min(40, rows.map(\.1.count).max() ?? 0))
        let lines = rows.map { "\(padded($0.0, widths.0))  \(padded($0.1, widths.1))  \($0.2)\n" }
        let notes = reader.notes.map { "\nNote: \($0)\n" }
        return "Configuration file: \(reader.file?.path ?? "none")\n\n" + (lines + notes).joined()
    }
}

/// The command line of this process without the program's name.
///
/// Taken from the C strings, because the standard library's array is a mutable global.
public var processArguments: [String] {
    UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst()
        .compactMap { $0.map { String(cString: $0) } }
}
