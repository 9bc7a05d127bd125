import Glibc

/// What the kernel says about a file at one moment.
struct FileFacts: Equatable {
    var device: UInt64
    var inode: UInt64
    /// In bytes.
    var size: UInt64
    /// Names that the file still has; 0 when it lives by open descriptors only.
    var linkCount: UInt64
    /// When its content was changed last, in nanoseconds since the epoch by the wall clock: for ordering only.
    var modifiedTime: Int64
    /// Whether it is a regular file.
    var isRegular = true
    /// Whether it is a directory.
    var isDirectory = false
}

extension FileFacts {
    init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: UInt64(max(0, status.st_size)),
            linkCount: UInt64(status.st_nlink),
            modifiedTime: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            isRegular: status.st_mode & S_IFMT == S_IFREG, isDirectory: status.st_mode & S_IFMT == S_IFDIR)
    }

    /// Facts about what a path leads to, symbolic links followed.
    init(path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileError(path: path, code: errno) }
        self.init(status)
    }

    /// Whether both are the same file of the same boot.
    func isSameFile(as other: FileFacts) -> Bool {
        device == other.device && inode == other.inode
    }
}
