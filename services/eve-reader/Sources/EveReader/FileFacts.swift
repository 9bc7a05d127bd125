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
    var kind = Kind.regular

    /// What a path can lead to, in words for people.
    enum Kind: String {
        case regular = "a regular file"
        case directory = "a folder"
        case link = "a symbolic link"
        case fifo = "a FIFO"
        case socket = "a socket"
        case device = "a device"

        init(mode: mode_t) {
            self =
                switch mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .directory
                case S_IFLNK: .link
                case S_IFIFO: .fifo
                case S_IFSOCK: .socket
                default: .device
                }
        }
    }
}

extension FileFacts {
    init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: UInt64(max(0, status.st_size)),
            linkCount: UInt64(status.st_nlink),
            modifiedTime: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
            kind: Kind(mode: status.st_mode))
    }

    /// Facts about what has a path.
    ///
    /// - Parameter followsLink: whether a symbolic link stands for what it leads to.
    init(path: String, followsLink: Bool) throws(FileError) {
        var status = stat()
        let flags = followsLink ? 0 : AT_SYMLINK_NOFOLLOW
        guard fstatat(AT_FDCWD, path, &status, flags) == 0 else { throw FileError(path: path, code: errno) }
        self.init(status)
    }

    /// Whether both are the same file of the same boot.
    func isSameFile(as other: FileFacts) -> Bool {
        device == other.device && inode == other.inode
    }
}
