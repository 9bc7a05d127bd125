import Files
import Glibc

/// The file in which the setup code stands for who can read the data folder.
enum SetupCodeFile {
    static func path(in folder: String) -> String { folder + "/setup-code" }

    /// As people read and type it.
    static func shown(_ code: String) -> String { "\(code.prefix(5))-\(code.dropFirst(5))" }

    /// - Throws: `FileError`.
    static func write(_ code: String, in folder: String) throws(FileError) {
        try AtomicFile.replace(path(in: folder), with: Array("\(shown(code))\n".utf8), mode: 0o600)
    }

    static func remove(in folder: String) { unlink(path(in: folder)) }
}
