import Glibc

/// Why a file cannot be read.
struct FileError: Error, Equatable, CustomStringConvertible {
    /// What stands in the way.
    enum Cause: Equatable {
        /// The kernel refused, with this `errno`.
        case refused(Int32)
        /// What is there cannot be followed as a file.
        case notRegular(FileFacts.Kind)
        /// The content is that of an archive.
        case compressed
    }

    /// What was to be opened or read.
    var path: String
    var cause: Cause

    init(path: String, _ cause: Cause) {
        (self.path, self.cause) = (path, cause)
    }

    /// What the kernel refused with `errno`.
    init(path: String, code: Int32) {
        self.init(path: path, .refused(code))
    }

    var description: String {
        switch cause {
        case .refused(let code): "\(path): \(String(cString: strerror(code)))"
        case .notRegular(.link): "\(path): not a regular file but a symbolic link; name what it leads to as the path"
        case .notRegular(let kind): "\(path): not a regular file but \(kind.rawValue)"
        case .compressed: "\(path): compressed: unpack it first"
        }
    }

    /// Whether the path leads to nothing.
    var isMissing: Bool { cause == .refused(ENOENT) || cause == .refused(ENOTDIR) }
}
