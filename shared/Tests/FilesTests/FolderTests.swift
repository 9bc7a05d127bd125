import ServiceTesting
import Testing

@testable import Files

@Suite struct FolderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("folder") }

    @Test func namesAreListedUpToABound() throws {
        for name in ["a", "b", ".hidden"] { try AtomicFile.replace(directory.file(name), with: []) }
        #expect(try Folder.names(in: directory.path, namesMax: 3).sorted() == [".hidden", "a", "b"])
        #expect(throws: FileError(directory.path, .read, .tooMany(namesMax: 2))) {
            try Folder.names(in: directory.path, namesMax: 2)
        }
        // What is passed over takes no room.
        #expect(try Folder.names(in: directory.path, namesMax: 1) { $0 == "b" } == ["b"])
    }

    @Test func whatIsNoFolderCannotBeListed() throws {
        let file = directory.file("file")
        try AtomicFile.replace(file, with: [])
        for path in [file, directory.file("none")] {
            #expect { try Folder.names(in: path, namesMax: 10) } throws: { ($0 as? FileError)?.isMissing == true }
        }
    }
}
