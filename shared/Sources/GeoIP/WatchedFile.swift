import Glibc

/// A database file that may come, go and be replaced.
struct WatchedFile {
    private let path: String
    private var seen: Identity?
    private var reported: GeoIPError?
    /// The open database, nil while the file is absent or broken.
    private(set) var database: MaxMindFile?

    /// What differs between a file and its replacement.
    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
        var bytes: off_t
        var modifiedSeconds: Int
        var modifiedNanoseconds: Int
    }

    init(path: String) {
        self.path = path
    }

    /// Opens the file again when it is not the one that was seen last.
    mutating func refresh() -> GeoIP.Change? {
        let now = identity()
        if now != nil, now == seen { return nil }
        seen = now
        database = nil
        do {
            database = try MaxMindFile(path: path)
            reported = nil
            return .opened(path: path)
        } catch {
            defer { reported = error }
            return error == reported ? nil : .failed(error)
        }
    }

    private func identity() -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(
            device: status.st_dev, inode: status.st_ino, bytes: status.st_size,
            modifiedSeconds: status.st_mtim.tv_sec, modifiedNanoseconds: status.st_mtim.tv_nsec)
    }
}
