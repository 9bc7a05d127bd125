import Configuration
import Logging

/// A parsed command line, before any of it is carried out.
struct CommandLineArguments {
    enum Command: Equatable {
        case run, checkConfig, healthcheck, version, help
        /// A command of the service, and what follows it.
        case other(Int, [String])
    }

    var command = Command.run
    var configuration = ConfigurationOptions()
    var asksReadiness = false

    /// - Throws: a sentence about the first mistake.
    init(_ words: [String], keys: [KeyDefinition], subcommands: [Subcommand]) throws(UsageError) {
        var rest = words[...]
        if let first = rest.first, let index = subcommands.firstIndex(where: { $0.name == first }) {
            command = .other(index, Array(rest.dropFirst()))
            return
        }
        var hasCommand = false
        while let word = rest.popFirst() {
            guard let option = Option(word) else {
                guard !hasCommand else {
                    throw UsageError(
                        "only one command is taken, and `\(Secret.withholdingCredentials(in: word))` is a second one")
                }
                hasCommand = true
                command = try Self.command(word, subcommands)
                continue
            }
            switch option.name {
            case "--help", "-h":
                command = .help
                return
            case "--version":
                command = .version
                return
            case "--ready": asksReadiness = try option.isEnabled()
            default:
                try configuration.take(option, from: &rest, keys: keys, others: ["--help", "--version", "--ready"])
            }
        }
        if asksReadiness && command != .healthcheck { throw UsageError("--ready is an option of healthcheck") }
    }

    private static let commands: [(String, Command)] = [
        ("run", .run), ("check-config", .checkConfig), ("healthcheck", .healthcheck), ("help", .help),
        ("version", .version),
    ]

    private static func command(_ word: String, _ subcommands: [Subcommand]) throws(UsageError) -> Command {
        if let command = commands.first(where: { $0.0 == word }) { return command.1 }
        if subcommands.contains(where: { $0.name == word }) {
            throw UsageError("`\(word)` must be the first word; its own options follow it")
        }
        let names = commands.map(\.0) + subcommands.map(\.name)
        throw UsageError("unknown command `\(Secret.withholdingCredentials(in: word))`\(suggestion(word, names))")
    }
}

/// What follows the name of a command with settings.
struct SubcommandArguments {
    var configuration = ConfigurationOptions()
    var flags: Set<String> = []
    var operands: [String] = []

    /// - Throws: a sentence about the first mistake.
    init(_ words: [String], flags known: [String], operandsMax: Int, keys: [KeyDefinition]) throws(UsageError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let option = Option(word) else {
                guard operands.count < operandsMax else {
                    throw UsageError("`\(Secret.withholdingCredentials(in: word))` is too much")
                }
                operands.append(word)
                continue
            }
            if known.contains(option.name), try option.isEnabled() {
                flags.insert(option.name)
            } else {
                try configuration.take(option, from: &rest, keys: keys, others: ["--help"] + known)
            }
        }
    }
}

/// The options by which a command line sets the configuration.
struct ConfigurationOptions {
    private(set) var path: String?
    private(set) var assignments: [ConfigurationSources.Assignment] = []

    /// - Parameter others: the options that are handled elsewhere, for suggestions.
    /// - Throws: a mistake when the option is unknown, or its value is missing or invalid.
    mutating func take(
        _ option: Option, from rest: inout ArraySlice<String>, keys: [KeyDefinition], others: [String]
    ) throws(UsageError) {
        switch option.name {
        case "--config": path = try option.value("FILE", from: &rest)
        case "--set":
            let pair = try option.value("KEY=VALUE", from: &rest)
            guard let equals = pair.firstIndex(of: "=") else {
                throw UsageError("--set takes KEY=VALUE, and `\(Secret.withholdingCredentials(in: pair))` has no `=`")
            }
            let (key, value) = (String(pair[..<equals]), String(pair[equals...].dropFirst()))
            assignments.append(.init(key, value, option: option.name))
        default:
            guard let key = keys.first(where: { $0.option?.name == option.name }) else {
                let names = ["--config", "--set"] + others + keys.compactMap { $0.option?.name }
                throw UsageError("unknown option `\(option.name)`\(suggestion(option.name, names))")
            }
            let value =
                if case .value(_, let valueName) = key.option {
                    try option.value(valueName, from: &rest)
                } else {
                    String(try option.isEnabled())
                }
            assignments.append(.init(key.name, value, option: option.name))
        }
    }
}

private func suggestion(_ word: String, _ names: [String]) -> String {
    nearestName(to: word, among: names).map { "; did you mean `\($0)`?" } ?? ""
}

/// A mistake in the command line, for people.
struct UsageError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// `--name`, `--name VALUE` or `--name=VALUE`.
struct Option {
    let name: String
    private let attached: Substring?

    /// nil for an argument that is not an option.
    init?(_ word: String) {
        guard word.hasPrefix("-"), word != "-" else { return nil }
        let equals = word.firstIndex(of: "=")
        name = String(word[..<(equals ?? word.endIndex)])
        attached = equals.map { word[$0...].dropFirst() }
    }

    func value(_ valueName: String, from rest: inout ArraySlice<String>) throws(UsageError) -> String {
        if let attached { return String(attached) }
        guard let next = rest.popFirst() else { throw UsageError("\(name) takes a value: \(name) \(valueName)") }
        return next
    }

    func isEnabled() throws(UsageError) -> Bool {
        guard attached == nil else { throw UsageError("\(name) takes no value") }
        return true
    }
}
