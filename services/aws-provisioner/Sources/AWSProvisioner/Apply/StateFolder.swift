import Files
import Glibc

/// The folder with what was begun. One process at a time works with it.
final class StateFolder {
    private static let recordBytesMax = 64 << 10

    private let path: String
    private let lock: Int32

    /// Opens the folder for work, and makes it when it is missing.
    ///
    /// - Throws: ``StateFolderError``: another process works with it, or it cannot be used.
    init(_ path: String) throws(StateFolderError) {
        try Self.make(path, mode: 0o700)
        let lockPath = path + "/lock"
        let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw StateFolderError(path: lockPath, code: errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw StateFolderError(path: path, code: EWOULDBLOCK)
        }
        (self.path, self.lock) = (path, lock)
    }

    deinit { close(lock) }

    /// Opens the folder, unless another process works with it.
    ///
    /// - Returns: nil in that case.
    /// - Throws: ``StateFolderError``: it cannot be used.
    static func unlessBusy(_ path: String) throws(StateFolderError) -> StateFolder? {
        do throws(StateFolderError) {
            return try StateFolder(path)
        } catch {
            guard error.isBusy else { throw error }
            return nil
        }
    }

    /// What was begun; nil when nothing was.
    ///
    /// - Throws: ``StateFolderError`` for a file that is there and cannot be read, so that nothing is begun a second time.
    static func record(in path: String) throws(StateFolderError) -> WorkRecord? {
        let file = recordPath(path)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try OpenFile(regular: file).content(bytesMax: recordBytesMax)
        } catch {
            if error.isMissing { return nil }
            throw StateFolderError(error)
        }
        guard let record = WorkRecord(bytes) else { throw StateFolderError(path: file, code: 0) }
        return record
    }

    /// What was begun; nil when nothing was.
    func record() throws(StateFolderError) -> WorkRecord? { try Self.record(in: path) }

    /// Keeps what is begun now: after this it is on the disk.
    func keep(_ record: WorkRecord) throws(StateFolderError) {
        do throws(FileError) {
            try AtomicFile.replace(Self.recordPath(path), with: record.json, mode: 0o600)
        } catch {
            throw StateFolderError(error)
        }
    }

    /// Nothing is begun any more.
    func forget() throws(StateFolderError) {
        let file = Self.recordPath(path)
        guard unlink(file) == 0 || errno == ENOENT else { throw StateFolderError(path: file, code: errno) }
    }

    private static func recordPath(_ folder: String) -> String { folder + "/domain.json" }

    /// Makes a folder, and those above it, where they are missing.
    static func make(_ path: String, mode: mode_t) throws(StateFolderError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        let code = errno
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        guard code == ENOENT, !parent.isEmpty else { throw StateFolderError(path: path, code: code) }
        try make(parent, mode: 0o755)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw StateFolderError(path: path, code: errno) }
    }
}

/// Why the folder with what was begun cannot be used.
struct StateFolderError: Error, CustomStringConvertible {
    let description: String
    /// Whether another process works with it.
    let isBusy: Bool

    fileprivate init(_ error: FileError) {
        isBusy = false
        description = "\(error); name another folder by aws.state_dir if you may not change that"
    }

    fileprivate init(path: String, code: Int32) {
        isBusy = code == EWOULDBLOCK
        description =
            switch code {
            case 0:
                "\(path) is none of this version of aws-provisioner: use a newer one, or look at AWS what there is and "
                    + "remove the file"
            case EWOULDBLOCK: "another aws-provisioner works with \(path); `aws-provisioner status` shows how far it is"
            default:
                "\(path) cannot be used: \(String(cString: strerror(code))); name another folder, such as one of your "
                    + "own, by aws.state_dir"
            }
    }
}
