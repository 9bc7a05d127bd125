import Glibc

/// Why a program could not be started.
public struct ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file that was to run, or what else was missing.
    public let path: String
    /// The errno.
    public let code: Int32

    init(_ path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    /// A description for people.
    public var description: String { "\(path) cannot be started: \(String(cString: strerror(code)))" }
}
