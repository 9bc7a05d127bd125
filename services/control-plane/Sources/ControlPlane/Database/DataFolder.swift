import Files
import Glibc

/// The folder of all that the control plane keeps, for its user alone.
enum DataFolder {
    /// Makes the folder, and those above it, if they are missing, and lets nobody else look into what is made from here on.
    ///
    /// - Throws: `FileError`.
    static func prepare(_ path: String) throws(FileError) {
        umask(0o077)
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && part.isEmpty ? "/" : part + "/"
            if made != "/", mkdir(made, 0o700) != 0, errno != EEXIST {
                throw FileError(made, .replace, .refused(errno))
            }
        }
        guard access(path, W_OK) == 0 else { throw FileError(path, .replace, .refused(errno)) }
    }
}
