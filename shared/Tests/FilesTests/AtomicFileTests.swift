import Glibc
import ServiceTesting
import Testing

@testable import Files

@Suite struct AtomicFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("atomic") }

    private func content(_ path: String) throws -> String {
        String(decoding: try OpenFile(regular: path).content(bytesMax: 1 << 20), as: UTF8.self)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        lstat(path, &status)
        return status.st_mode & 0o7777
    }

    @Test func aFileIsMadeAndReplacedWithTheModeThatIsAskedFor() throws {
        let path = directory.file("state.json")
        try AtomicFile.replace(path, with: Array("one".utf8))
        #expect(try content(path) == "one" && mode(path) == 0o644)
        let old = try OpenFile(regular: path)
        try AtomicFile.replace(path, with: Array(repeating: UInt8(ascii: "2"), count: 1 << 20), mode: 0o600)
        #expect(try content(path).utf8.count == 1 << 20 && mode(path) == 0o600)
        // Who had it open keeps the old content whole.
        #expect(try old.content(bytesMax: 100) == Array("one".utf8))
        #expect(try Folder.names(in: directory.path, namesMax: 10) == ["state.json"])
    }

    @Test func aRelativePathIsInTheWorkingFolder() throws {
        let name = "atomic-\(getpid()).tmp"
        defer { unlink(name) }
        try AtomicFile.replace(name, with: Array("here".utf8))
        #expect(try content(name) == "here")
    }

    @Test func whatAnInterruptedCallHasLeftGoes() throws {
        let path = directory.file("state.json")
        let fresh = open(path + ".new", O_WRONLY | O_CREAT, 0o400)
        write(fresh, "half of a st", 12)
        close(fresh)
        try AtomicFile.replace(path, with: Array("whole".utf8))
        #expect(try content(path) == "whole")
        #expect(try Folder.names(in: directory.path, namesMax: 10) == ["state.json"])
    }

    @Test func aLinkThatSomebodyPutBesideItLeadsNowhere() throws {
        let (path, victim) = (directory.file("state.json"), directory.file("victim"))
        try AtomicFile.replace(victim, with: Array("precious".utf8))
        symlink(victim, path + ".new")
        try AtomicFile.replace(path, with: Array("new".utf8))
        #expect(try content(victim) == "precious" && content(path) == "new")
    }

    @Test func theOldContentStaysWhenTheNewCannotBeWritten() throws {
        // A folder cannot be replaced by a file.
        let path = directory.file("folder")
        mkdir(path, 0o700)
        #expect { try AtomicFile.replace(path, with: [1]) } throws: {
            "\($0)" == "\(path) cannot be replaced: Is a directory"
        }
        #expect(try Folder.names(in: directory.path, namesMax: 10) == ["folder"])
        #expect(throws: FileError("/nowhere/file", .replace, .refused(ENOENT))) {
            try AtomicFile.replace("/nowhere/file", with: [])
        }
    }
}
