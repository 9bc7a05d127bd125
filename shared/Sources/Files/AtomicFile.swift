import Glibc

/// Files that are replaced as a whole.
public enum AtomicFile {
    /// Puts a file with this content in place of what is there, if anything: a reader of the path sees either the old
    /// content or the new, even after a power cut, and never a part of it.
    ///
    /// The new content is written beside the path first, as `PATH.new`; what an interrupted call has left there is replaced.
    /// Not for two writers of the same path at once.
    ///
    /// - Parameter mode: the permissions of the file, whatever the process's umask.
    /// - Throws: `FileError`. The path then has its old content still, or already the new one when only its folder could
    ///   not be brought to the disk.
    public static func replace(_ path: String, with content: [UInt8], mode: UInt32 = 0o644) throws(FileError) {
        let fresh = path + ".new"
        unlink(fresh)
        // Made here and nowhere else: a link that somebody has put there would lead the content to another file.
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .refused(path, .replace) }
        do throws(FileError) {
            defer { close(descriptor) }
            try write(content, to: descriptor, of: path)
            guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, rename(fresh, path) == 0 else {
                throw .refused(path, .replace)
            }
        } catch {
            unlink(fresh)
            throw error
        }
        try synchronizeFolder(of: path)
    }

    private static func write(_ content: [UInt8], to descriptor: Int32, of path: String) throws(FileError) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest.removeFirst(count)
            } else if errno != EINTR {
                throw .refused(path, .replace)
            }
        }
    }

    /// The new name is on the disk only when the folder is.
    private static func synchronizeFolder(of path: String) throws(FileError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .refused(path, .replace) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .refused(path, .replace) }
    }
}
