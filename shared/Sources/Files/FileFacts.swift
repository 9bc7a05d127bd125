import Glibc

/// What the kernel says about a file at one moment.
public struct FileFacts: Equatable, Sendable {
    /// What a path can lead to, in words for people.
    public enum Kind: String, Sendable {
        case regular = "a regular file"
        case folder = "a folder"
        case link = "a symbolic link"
        case fifo = "a FIFO"
        case socket = "a socket"
        case device = "a device"

        fileprivate init(mode: mode_t) {
            self =
                switch mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .folder
                case S_IFLNK: .link
                case S_IFIFO: .fifo
                case S_IFSOCK: .socket
                default: .device
                }
        }
    }

    /// `st_dev`.
    public var device: UInt64
    /// `st_ino`.
    public var inode: UInt64
    /// In bytes.
    public var size: UInt64
    /// Names that the file still has; 0 when it lives by open descriptors only.
    public var linkCount: UInt64
    /// When its content was changed last, in nanoseconds since the epoch by the wall clock: for ordering only.
    public var modifiedTime: Int64
    /// What it is.
    public var kind: Kind

    /// Facts from elsewhere than the kernel.
    public init(
        device: UInt64, inode: UInt64, size: UInt64, linkCount: UInt64 = 1, modifiedTime: Int64 = 0,
        kind: Kind = .regular
    ) {
        (self.device, self.inode, self.size, self.linkCount) = (device, inode, size, linkCount)
        (self.modifiedTime, self.kind) = (modifiedTime, kind)
    }

    /// Facts about what has a path.
    ///
    /// - Parameter followsLink: whether a symbolic link stands for what it leads to.
    public init(path: String, followsLink: Bool = true) throws(FileError) {
        var status = stat()
        let flags = followsLink ? 0 : AT_SYMLINK_NOFOLLOW
        guard fstatat(AT_FDCWD, path, &status, flags) == 0 else { throw .refused(path, .lookAt) }
        self.init(status)
    }

    init(descriptor: Int32, path: String) throws(FileError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .refused(path, .lookAt) }
        self.init(status)
    }

    private init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: UInt64(max(0, status.st_size)),
            linkCount: UInt64(status.st_nlink),
            modifiedTime: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
            kind: Kind(mode: status.st_mode))
    }

    /// Whether both are the same file, whatever was written to it between. The number of a deleted file is given to
    /// another one.
    public func isSameFile(as other: FileFacts) -> Bool {
        device == other.device && inode == other.inode
    }
}
