/// A command of one service beside `run`, which needs neither configuration nor connections.
public struct Subcommand {
    /// The first word of the command line.
    public let name: String
    /// What may follow it, `[--bulk] [FILE…]`.
    public let arguments: String
    /// What it does, in half a line.
    public let summary: String
    /// What its options mean, in whole lines.
    public let details: String

    let run: ([String]) -> Int32

    /// Describes a command.
    ///
    /// - Parameter run: takes what follows the command's name and gives the status of the process.
    public init(
        _ name: String, arguments: String = "", summary: String, details: String = "",
        run: @escaping ([String]) -> Int32
    ) {
        self.name = name
        self.arguments = arguments
        self.summary = summary
        self.details = details
        self.run = run
    }
}
