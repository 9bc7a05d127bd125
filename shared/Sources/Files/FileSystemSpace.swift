import Glibc

/// How full a file system is.
public struct FileSystemSpace: Equatable, Sendable {
    /// What it can hold, in bytes.
    public let sizeBytes: UInt64
    /// What files take of it, and what only root may use.
    public let usedBytes: UInt64
    /// How many files it can hold; 0 where it has no such bound.
    public let inodes: UInt64
    /// How many there are.
    public let inodesUsed: UInt64

    /// Looks at the file system of a file or a folder; when the path does not exist, at its folder's. Nil when there is
    /// none either.
    public init?(of path: String) {
        var facts = statvfs()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard statvfs(path, &facts) == 0 || statvfs(folder, &facts) == 0 else { return nil }
        let (blocks, freeBlocks) = (UInt64(facts.f_blocks), UInt64(facts.f_bavail))
        // A file system of another machine, or of a program, may tell anything.
        let bytes = { (blocks: UInt64) in
            let (bytes, isTooMuch) = blocks.multipliedReportingOverflow(by: UInt64(facts.f_frsize))
            return isTooMuch ? .max : bytes
        }
        sizeBytes = bytes(blocks)
        usedBytes = bytes(blocks - min(blocks, freeBlocks))
        inodes = UInt64(facts.f_files)
        inodesUsed = inodes - min(inodes, UInt64(facts.f_favail))
    }
}
