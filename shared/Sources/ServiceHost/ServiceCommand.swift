public import Configuration
import Glibc
import Logging
import Settings

/// The command line of a service: `run`, `check-config`, `healthcheck`, `--version`, `--help` and its own commands.
public struct ServiceCommand {
    /// Read when neither `--config` nor `CONFIG_FILE` names another one, and when it exists.
    public static let defaultConfigurationPath = "/etc/ids-suite/config.yaml"

    /// Name of the service, as of its program.
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
    ///   - name: as of its program, `eve-reader`.
    ///   - version: shown by `--version`, and a metric.
    ///   - summary: what it does, in half a line without a full stop.
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

    /// The settings of a run. Every other command is carried out here and ends the process; so does a mistake, with
    /// status 2 and all mistakes on standard error.
    public func load<Loaded: ServiceSettings>(_ type: Loaded.Type) -> Loaded {
        switch outcome(type) {
        case .run(let settings): return settings
        case .end(let status, let output, let errors):
            writeAll(output, to: STDOUT_FILENO)
            writeAll(errors, to: STDERR_FILENO)
            exit(status)
        }
    }

    enum Outcome<Loaded> {
        case run(Loaded)
        case end(status: Int32, output: String = "", errors: String = "")
    }

    func outcome<Loaded: ServiceSettings>(_ type: Loaded.Type) -> Outcome<Loaded> {
        let help = CommandHelp(
            name: name, version: version, summary: summary, examples: examples,
            keys: type.keys, subcommands: subcommands)
        let line: CommandLineArguments
        do throws(UsageError) {
            line = try CommandLineArguments(arguments, keys: help.keys, subcommands: subcommands)
        } catch {
            return .end(status: 2, errors: "\(name): \(error.message)\nTry `\(name) --help`.\n")
        }
        switch line.command {
        case .help: return .end(status: 0, output: help.text)
        case .version: return .end(status: 0, output: "\(name) \(version)\n")
        case .other(let index, let words):
            let subcommand = subcommands[index]
            if words.contains("--help") || words.contains("-h") {
                return .end(status: 0, output: help.text(of: subcommand))
            }
            return .end(status: subcommand.run(words))
        case .run, .checkConfig, .healthcheck: break
        }

        let sources = ConfigurationSources(
            assignments: line.assignments, environment: environment, file: file(line.configurationPath))
        let reader = ConfigurationReader(sources, sections: SettingsCatalog.sections)
        let settings = Loaded(from: reader)
        let problems = reader.problems + (line.command == .checkConfig ? settings.obstacles : [])
        guard problems.isEmpty else {
            let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
            let list = problems.map { "  \(TextEscaping.visible($0.description))\n" }.joined()
            return .end(status: 2, errors: "\(name): \(count) in the configuration\n\(list)")
        }
        switch line.command {
        case .checkConfig: return .end(status: 0, output: table(reader, file: sources.file))
        case .healthcheck:
            let check = HealthCheck(host: settings.host, path: line.asksReadiness ? "/readyz" : "/healthz")
            let (isGood, text) = check.run()
            return .end(status: isGood ? 0 : 1, output: "\(text)\n")
        default: return .run(settings)
        }
    }

    private func file(_ option: String?) -> ConfigurationFile? {
        let variable = environment("CONFIG_FILE").flatMap { $0.isEmpty ? nil : $0 }
        if let path = option ?? variable { return ConfigurationFile(path: path) }
        let path = Self.defaultConfigurationPath
        return access(path, F_OK) == 0 ? ConfigurationFile(path: path) : nil
    }

    private func table(_ reader: ConfigurationReader, file: ConfigurationFile?) -> String {
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
        return "Configuration file: \(file?.path ?? "none")\n\n" + (lines + notes).joined()
    }
}

/// The command line of this process without the program's name.
///
/// Taken from the C strings, because the standard library's array is a mutable global.
public var processArguments: [String] {
    UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst()
        .compactMap { $0.map { String(cString: $0) } }
}

/// Writes a whole text; what cannot be written is lost, as there is nobody left to tell.
private func writeAll(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
