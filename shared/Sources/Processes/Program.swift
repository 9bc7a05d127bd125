import CProcesses
import Glibc

/// A program to start: every argument is passed separately, without a shell.
public struct Program: Sendable {
    /// What the program reads from its standard input.
    public enum Input: Sendable {
        /// Nothing: it reads the end of the input at once.
        case nothing
        /// An open descriptor, which stays the caller's.
        case descriptor(Int32)
    }

    /// Where standard output goes, and standard error unless it is sent elsewhere.
    public enum Output: Sendable {
        /// Nowhere.
        case discarded
        /// Appended to a file, which is created if it is missing.
        case file(String)
        /// To ``ChildProcess/output``, up to a number of bytes; what the program writes beyond that is discarded.
        case caught(bytesMax: Int)
    }

    /// Where standard error goes.
    public enum Errors: Sendable {
        /// To where standard output goes.
        case withOutput
        /// To where that of this process goes.
        case inherited
    }

    /// The kernel's limits for the program (setrlimit(2)); nil for those of this process.
    public struct Limits: Sendable {
        /// Address space, in bytes.
        public var addressSpaceBytes: UInt64?
        /// Processor time, in seconds.
        public var processorSeconds: UInt64?
        /// Size of each file that it writes to, in bytes.
        public var fileBytes: UInt64?
        /// Open descriptors.
        public var descriptors: UInt64?

        /// No limits beyond those of this process.
        public init() {}

        var all: [(resource: Int32, maximum: UInt64)] {
            [
                (Int32(RLIMIT_AS.rawValue), addressSpaceBytes), (Int32(RLIMIT_CPU.rawValue), processorSeconds),
                (Int32(RLIMIT_FSIZE.rawValue), fileBytes), (Int32(RLIMIT_NOFILE.rawValue), descriptors),
            ].compactMap { limit in limit.1.map { (limit.0, $0) } }
        }
    }

    /// The path of the file to run; it is not looked up in `PATH`.
    public var path: String
    /// The name by which the program is called (`argv[0]`), which some programs go by; nil for ``path``.
    public var name: String?
    /// The arguments after the program's name.
    public var arguments: [String]
    /// Its environment; nil for this process's.
    public var environment: [String: String]?
    /// The folder in which it starts; nil for this process's.
    public var folder: String?
    /// Its standard input.
    public var input = Input.nothing
    /// Where its standard output goes.
    public var output = Output.discarded
    /// Where its standard error goes.
    public var errors = Errors.withOutput
    /// Its limits.
    public var limits = Limits()

    /// The environment of this process, without these variables.
    public static func environment(without names: Set<String>) -> [String: String] {
        var variables: [String: String] = [:]
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = String(text.prefix { $0 != "=" })
            if !names.contains(name) { variables[name] = String(text.dropFirst(name.count + 1)) }
            next += 1
        }
        return variables
    }

    /// Describes a program that reads nothing and whose output is discarded.
    public init(_ path: String, _ arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }
}
