import Glibc

/// What the kernel refused.
struct FileError: Error, Equatable, CustomStringConvertible {
    /// What was to be opened or read.
    var path: String
    /// `errno`.
    var code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }

    /// Whether the path leads to nothing.
    var isMissing: Bool { code == ENOENT || code == ENOTDIR }
}
