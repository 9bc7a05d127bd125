/// A command of one service beside `run`.
public struct Subcommand {
    /// The first word of the command line.
    public let name: String
    /// Its arguments, such as `[--bulk] [FILE…]`.
    public let arguments: String
    /// What it does, as a short phrase.
    public let summary: String
    /// The meaning of its options, in complete lines.
    public let details: String

    let carryOut: (ServiceCommand, [String]) -> CommandEnd

    /// Describes a command that needs neither configuration nor connections.
    ///
    /// - Parameter run: takes what follows the command's name and returns the status of the process.
    public init(
        _ name: String, arguments: String = "", summary: String, details: String = "",
        run: @escaping ([String]) -> Int32
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.details = details
        carryOut = { _, words in CommandEnd(status: run(words)) }
    }

    /// Describes a command with settings. They are read from the same sources as those of the service, including `--config`,
    /// `--set` and the short options of keys; a mistake ends the process with status 2 before the command is run.
    ///
    /// - Parameters:
    ///   - flags: options of its own, none of which takes a value: `["--dry-run"]`.
    ///   - operandsMax: the most arguments that are not options.
    ///   - run: returns the status of the process.
    public init<Loaded: ServiceSettings>(
        _ name: String, arguments: String, flags: [String] = [], operandsMax: Int = 0, summary: String,
        details: String = "", run: @escaping (SubcommandRun<Loaded>) -> Int32
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.details = details
        carryOut = { command, words in
            let line: SubcommandArguments
            do throws(UsageError) {
                line = try SubcommandArguments(words, flags: flags, operandsMax: operandsMax, keys: Loaded.keys)
            } catch {
                return command.refusal(error, of: [name])
            }
            let (settings, reader) = command.read(Loaded.self, line.configuration)
            if let refusal = command.refusal(reader.problems) { return refusal }
            return CommandEnd(
                status: run(
                    SubcommandRun(
                        settings: settings, flags: line.flags, operands: line.operands, version: command.version)))
        }
    }
}

/// The arguments of a command with settings.
public struct SubcommandRun<Loaded: ServiceSettings> {
    /// The settings, already checked.
    public let settings: Loaded
    /// The command's own options that were given.
    public let flags: Set<String>
    /// The arguments that are not options, in order.
    public let operands: [String]
    /// Version of the service.
    public let version: String
}

/// How a process ends, and its last message.
struct CommandEnd {
    var status: Int32
    var output = ""
    var errors = ""
}
