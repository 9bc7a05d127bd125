/// Writes structured lines: a sentence and named values, each line by one `write()`.
///
/// A logger is a small value; copies write to the same output. Logging never fails and never holds its caller up for
/// long: see `LogOutput`.
public struct Logger: Sendable {
    /// Lines below this level are not written, and their message is not even made.
    public let level: LogLevel

    private let service: String
    private let format: LogFormat
    private let output: LogOutput

    /// Creates a logger.
    ///
    /// - Parameters:
    ///   - service: the name of the process, on every line.
    ///   - level: the least urgent level that is written.
    ///   - format: text or JSON.
    ///   - descriptor: where lines go, standard error by default; it stays the caller's.
    public init(service: String, level: LogLevel = .info, format: LogFormat = .text, descriptor: Int32 = 2) {
        self.service = service
        self.level = level
        self.format = format
        output = LogOutput(descriptor: descriptor)
    }

    /// A logger that writes nothing, for tests and tools.
    public static let silent = Logger(service: "", level: .error, format: .text, descriptor: -1)

    /// Lines that could not be written since the start, because nobody read the output or the disk was full.
    public var linesDropped: UInt64 { output.linesDropped }

    /// For debugging.
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        log(.debug, message, fields)
    }

    /// The normal course: started, connected, stopped.
    public func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        log(.info, message, fields)
    }

    /// Unusual but handled without loss.
    public func notice(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        log(.notice, message, fields)
    }

    /// Something is refused, slow or away, and is being retried.
    public func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        log(.warning, message, fields)
    }

    /// The service cannot do its work.
    public func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = [:]) {
        log(.error, message, fields)
    }

    /// Named values of a line, in the order in which they are written. Numbers and truth values stay such in JSON.
    public typealias Fields = KeyValuePairs<String, any CustomStringConvertible>

    private func log(_ level: LogLevel, _ message: () -> String, _ fields: () -> Fields) {
        guard level >= self.level, output.isOpen else { return }
        let line = LogLine(service: service, level: level, message: message(), fields: fields())
        output.write(line.bytes(as: format))
    }
}
