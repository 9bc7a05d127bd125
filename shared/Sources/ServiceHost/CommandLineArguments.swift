import Configuration

/// What a command line asks for, before anything of it is carried out.
struct CommandLineArguments {
    enum Command: Equatable {
        case run, checkConfig, healthcheck, version, help
        /// A command of the service, and what follows it.
        case other(Int, [String])
    }

    var command = Command.run
    var configurationPath: String?
    var assignments: [ConfigurationSources.Assignment] = []
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
            guard word.hasPrefix("-"), word != "-" else {
                guard !hasCommand else {
                    throw UsageError(
                        "only one command is taken, and `\(Secret.withholdingCredentials(in: word))` is a second one")
                }
                hasCommand = true
                command = try Self.command(word, subcommands)
                continue
            }
            let equals = word.firstIndex(of: "=")
            let option = Option(
                name: String(word[..<(equals ?? word.endIndex)]), attached: equals.map { word[$0...].dropFirst() })
            switch option.name {
            case "--help", "-h":
                command = .help
                return
            case "--version":
                command = .version
                return
            case "--ready": asksReadiness = try option.isEnabled()
            case "--config": configurationPath = try option.value("FILE", from: &rest)
            case "--set":
                let pair = try option.value("KEY=VALUE", from: &rest)
                guard let equals = pair.firstIndex(of: "=") else {
                    throw UsageError(
                        "--set takes KEY=VALUE, and `\(Secret.withholdingCredentials(in: pair))` has no `=`")
                }
                let (key, value) = (String(pair[..<equals]), String(pair[equals...].dropFirst()))
                assignments.append(.init(key, value, option: option.name))
            default: assignments.append(try Self.shortCut(option, keys, from: &rest))
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

    private static func shortCut(
        _ option: Option, _ keys: [KeyDefinition], from rest: inout ArraySlice<String>
    ) throws(UsageError) -> ConfigurationSources.Assignment {
        for key in keys {
            switch key.option {
            case .value(option.name, let valueName):
                return .init(key.name, try option.value(valueName, from: &rest), option: option.name)
            case .enable(option.name): return .init(key.name, String(try option.isEnabled()), option: option.name)
            default: continue
            }
        }
        let names = ["--config", "--set", "--help", "--version", "--ready"] + keys.compactMap { $0.option?.name }
        throw UsageError("unknown option `\(option.name)`\(suggestion(option.name, names))")
    }

    private static func suggestion(_ word: String, _ names: [String]) -> String {
        nearestName(to: word, among: names).map { "; did you mean `\($0)`?" } ?? ""
    }
}

/// A mistake in the command line, for people.
struct UsageError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// `--name`, `--name VALUE` or `--name=VALUE`.
private struct Option {
    let name: String
    let attached: Substring?

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
