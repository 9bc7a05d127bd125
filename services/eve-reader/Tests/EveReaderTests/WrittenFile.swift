import Files
import Glibc

@testable import EveReader

/// A log file under the hands of its writer.
final class WrittenFile {
    struct Failure: Error { var code: Int32 }

    let path: String
    private let descriptor: Int32

    /// Opens the file as Suricata does.
    /// - Parameter appends: whether each write goes to the end (`append: yes`), or where the last one ended.
    init(_ path: String, appends: Bool = true) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | (appends ? O_APPEND : 0), 0o644)
        guard descriptor >= 0 else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    /// Writes text as it is.
    func write(_ text: String) { write(bytes: Array(text.utf8)) }

    func write(bytes: [UInt8]) {
        let count = Glibc.write(descriptor, bytes, bytes.count)
        precondition(count == bytes.count, "the test's file takes everything")
    }

    /// Writes whole lines.
    func write(lines: [String]) { write(lines.map { $0 + "\n" }.joined()) }

    /// Cuts the file as `copytruncate` does.
    func truncate() { ftruncate(descriptor, 0) }

    /// Renames the file; the writer goes on writing to it.
    func rename(to name: String) { Glibc.rename(path, name) }

    var inode: UInt64 {
        var status = stat()
        fstat(descriptor, &status)
        return UInt64(status.st_ino)
    }
}

/// Copies what a file holds into a new one.
func copyFile(_ source: String, to target: String) throws {
    try WrittenFile(target).write(bytes: OpenFile(source).content(bytesMax: 1 << 30))
}
