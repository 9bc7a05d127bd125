import Glibc

/// A program as it is to be started: every word is given apart, no shell reads them.
public struct Program: Sendable {
    /// What the program reads from its standard input.
    public enum Input: Sendable {
        /// Nothing: it meets the end at once.
        case nothing
        /// From an open descriptor, which stays the caller's.
        case descriptor(Int32)
    }

    /// Where standard output goes, and standard error unless it is sent elsewhere.
    public enum Output: Sendable {
        /// Nowhere.
        case discarded
        /// To the end of a file, which is made when it is missing.
        case file(String)
        /// To ``ChildProcess/output``, up to a number of bytes; the program can write more, which is thrown away.
        case caught(bytesMax: Int)
    }

    /// Where standard error goes.
    public enum Errors: Sendable {
        /// Where standard output goes.
        case withOutput
        /// Where that of this process goes.
        case inherited
    }

    /// What the kernel lets the program have at most (setrlimit(2)); nil for what this process has.
    public struct Limits: Sendable {
        /// Address space, in bytes.
        public var addressSpaceBytes: UInt64?
        /// Processor time, in seconds.
        public var processorSeconds: UInt64?
        /// Size of each file that it writes, in bytes.
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

    /// The file to run, with its folder.
    public var path: String
    /// What the program is told that it is called, its first word; nil for ``path``. Some programs go by it.
    public var name: String?
    /// The words after the program's own name.
    public var arguments: [String]
    /// Its environment; nil for this process's.
    public var environment: [String: String]?
    /// The folder in which it starts; nil for this process's.
    public var folder: String?
    /// What it reads.
    public var input = Input.nothing
    /// Where it writes.
    public var output = Output.discarded
    /// Where it complains.
    public var errors = Errors.withOutput
    /// What it may have.
    public var limits = Limits()

    /// Describes a program that reads nothing and whose output is discarded.
    public init(_ path: String, _ arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }
}
