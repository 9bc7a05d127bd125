import Configuration

/// The text of `--help`.
struct CommandHelp {
    let name: String
    let version: String
    let summary: String
    let examples: [String]
    let keys: [KeyDefinition]
    let subcommands: [Subcommand]

    var text: String {
        let commands =
            [
                ("run", "works until SIGTERM or SIGINT; the default"),
                ("check-config", "shows the settings in force and where each comes from"),
                ("healthcheck", "asks the running service whether it is alive: status 0 or 1"),
            ] + subcommands.map { ("\($0.name) \($0.arguments)", $0.summary) }
        let options =
            [
                ("--config FILE", "configuration file, \(ServiceCommand.defaultConfigurationPath) if it exists"),
                ("--set KEY=VALUE", "sets one key of the configuration; may be repeated"),
            ] + keys.compactMap(shortCut) + [
                ("--ready", "with healthcheck: asks whether it is ready to work, not only alive"),
                ("--version", "shows the version"),
                ("--help", "shows this text"),
            ]
        let width = (commands + options).map(\.0.count).max() ?? 0
        return """
            \(name) \(version): \(summary)

            Usage: \(name) [COMMAND] [OPTIONS]

            Commands:
            \(table(commands, width))

            Options:
            \(table(options, width))

            Environment:
              Each key of the configuration has a variable, as REDIS_HOST for redis.host, and
              with _FILE at its end the variable names a file that holds the value, as
              REDIS_PASSWORD_FILE=/run/secrets/redis. CONFIG_FILE is the same as --config.
              An option wins over the environment, that over the file, that over the default.

            Examples:
            \((examples + ["check-config --set redis.host=10.0.0.5"]).map { "  \(name) \($0)" }.joined(separator: "\n"))

            """
    }

    /// The text of `COMMAND --help`.
    func text(of subcommand: Subcommand) -> String {
        """
        \(name) \(subcommand.name): \(subcommand.summary)

        Usage: \(name) \(subcommand.name) \(subcommand.arguments)
        \(subcommand.details.isEmpty ? "" : "\n\(subcommand.details)\n")
        """
    }

    private func shortCut(_ key: KeyDefinition) -> (String, String)? {
        switch key.option {
        case .value(let name, let valueName): ("\(name) \(valueName)", "sets \(key.name)")
        case .enable(let name): (name, "sets \(key.name) to true")
        case nil: nil
        }
    }

    private func table(_ rows: [(String, String)], _ width: Int) -> String {
        rows.map { "  \(padded($0.0, width))  \($0.1)" }.joined(separator: "\n")
    }
}

/// The text with spaces up to a width in characters.
func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}
