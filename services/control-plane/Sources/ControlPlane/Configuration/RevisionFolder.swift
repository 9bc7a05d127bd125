import Configuration
import Files
import Glibc
import JSON

/// Revisions as files, `000012.yaml` with the text and `000012.json` with what is known about it, for the service's user alone:
/// the texts hold secrets.
struct RevisionFolder: Sendable {
    /// The oldest go beyond it.
    static let countMax = 200

    let path: String

    /// Opens the folder, and makes it if it is missing.
    ///
    /// - Throws: `FileError`.
    init(_ path: String) throws(FileError) {
        self.path = path
        try DataFolder.prepare(path)
    }

    /// The numbers that there are, the newest first.
    func numbers() throws(FileError) -> [Int] {
        try Folder.names(in: path, namesMax: 4 * Self.countMax) { $0.hasSuffix(".json") }
            .compactMap { Int($0.dropLast(5)) }.sorted(by: >)
    }

    /// What is known about a revision; nil when there is none of that number.
    func revision(_ number: Int) -> Revision? {
        guard let bytes = try? OpenFile(regular: name(number) + ".json").content(bytesMax: 1 << 20) else { return nil }
        var tree = JSONTree()
        return bytes.withUnsafeBytes { bytes in (try? tree.parse(bytes)).flatMap { Revision(number, $0) } }
    }

    /// The text of a revision.
    func text(_ number: Int) throws(FileError) -> String {
        String(
            decoding: try OpenFile(regular: name(number) + ".yaml").content(bytesMax: ConfigurationFile.bytesMax),
            as: UTF8.self)
    }

    /// Writes a new revision, the text first, so that what is listed is whole, and takes away those that are too many.
    func add(_ revision: Revision, text: String) throws(FileError) {
        try AtomicFile.replace(name(revision.number) + ".yaml", with: Array(text.utf8), mode: 0o600)
        try update(revision)
        for old in try numbers().dropFirst(Self.countMax) {
            unlink(name(old) + ".json")
            unlink(name(old) + ".yaml")
        }
    }

    /// Writes what has changed about a revision.
    func update(_ revision: Revision) throws(FileError) {
        try AtomicFile.replace(name(revision.number) + ".json", with: JSONWriter.bytes(of: revision), mode: 0o600)
    }

    private func name(_ number: Int) -> String {
        let digits = String(number)
        return path + "/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
