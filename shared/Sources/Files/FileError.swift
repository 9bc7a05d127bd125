import Glibc

/// Why something cannot be done with a file or a folder.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was to be done, as the end of "cannot be …".
    public enum Operation: String, Sendable {
        /// To open it for reading, to read it, or to list it.
        case read
        /// To ask the kernel about it.
        case lookAt = "looked at"
        /// To write to it.
        case write = "written"
        /// To put other content in its place.
        case replace = "replaced"
    }

    /// What stands in the way.
    public enum Cause: Equatable, Sendable {
        /// The kernel refused, with this `errno`.
        case refused(Int32)
        /// What is there is not a regular file.
        case notRegular(FileFacts.Kind)
        /// It holds more than so many bytes.
        case tooLarge(bytesMax: Int)
        /// It holds more than so many names.
        case tooMany(namesMax: Int)
    }

    /// What it was to be done with.
    public let path: String
    /// What was to be done.
    public let operation: Operation
    /// What stands in the way.
    public let cause: Cause

    /// An error with its cause.
    public init(_ path: String, _ operation: Operation, _ cause: Cause) {
        (self.path, self.operation, self.cause) = (path, operation, cause)
    }

    /// What the kernel has just refused, as `errno` says.
    static func refused(_ path: String, _ operation: Operation) -> FileError {
        FileError(path, operation, .refused(errno))
    }

    /// What stands in the way, for people.
    public var reason: String {
        switch cause {
        case .refused(let code): String(cString: strerror(code))
        case .notRegular(.link): "not a regular file but a symbolic link; name what it leads to as the path"
        case .notRegular(let kind): "not a regular file but \(kind.rawValue)"
        case .tooLarge(let bytesMax): "larger than \(bytesMax) bytes"
        case .tooMany(let namesMax): "more than \(namesMax) names in it"
        }
    }

    /// A sentence for people, with the path.
    public var description: String { "\(path) cannot be \(operation.rawValue): \(reason)" }

    /// Whether the path leads to nothing.
    public var isMissing: Bool { cause == .refused(ENOENT) || cause == .refused(ENOTDIR) }
}
