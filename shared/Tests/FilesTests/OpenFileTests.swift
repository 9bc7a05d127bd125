import Glibc
import ServiceTesting
import Testing

@testable import Files

@Suite struct OpenFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("files") }

    private func written(_ text: String, _ name: String = "file") throws -> String {
        let path = directory.file(name)
        try AtomicFile.replace(path, with: Array(text.utf8))
        return path
    }

    @Test func aFileIsReadAtAnyPlaceUpToItsEnd() throws {
        let file = try OpenFile(regular: written("0123456789"))
        #expect(try file.bytes(at: 3, count: 4) == Array("3456".utf8))
        #expect(try file.bytes(at: 8, count: 100) == Array("89".utf8))
        #expect(try file.bytes(at: 10, count: 1) == [])
    }

    @Test func anOpenFileOutlivesItsName() throws {
        let path = try written("still here")
        let file = try OpenFile(regular: path)
        #expect(try file.facts().linkCount == 1)
        unlink(path)
        #expect(try file.facts().linkCount == 0)
        #expect(try file.content(bytesMax: 100) == Array("still here".utf8))
    }

    @Test func theDescriptorIsClosedWithTheLastReference() throws {
        // A FIFO can be opened for writing only while somebody has it open for reading.
        let fifo = directory.file("fifo")
        mkfifo(fifo, 0o600)
        func canWrite() -> Bool {
            let descriptor = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            defer { if descriptor >= 0 { close(descriptor) } }
            return descriptor >= 0
        }
        var files = [try OpenFile(fifo)]
        files.append(files[0])
        files.removeLast()
        #expect(canWrite())
        files = []
        #expect(!canWrite())
        // Nor is what was found to be no regular file kept open.
        #expect(throws: FileError.self) { try OpenFile(regular: fifo) }
        #expect(!canWrite())
    }

    @Test func onlyARegularFileIsTakenForOne() throws {
        let fifo = directory.file("fifo")
        mkfifo(fifo, 0o600)
        for (path, kind) in [
            (fifo, FileFacts.Kind.fifo), (directory.path, .folder), ("/dev/null", .device),
        ] {
            #expect(throws: FileError(path, .read, .notRegular(kind))) { try OpenFile(regular: path) }
        }
    }

    @Test func aLinkIsFollowedOnlyWhereItMayBe() throws {
        let path = try written("behind the link")
        let link = directory.file("link")
        symlink(path, link)
        #expect(throws: FileError(link, .read, .notRegular(.link))) { try OpenFile(regular: link, followsLink: false) }
        #expect(try OpenFile(regular: link).content(bytesMax: 100) == Array("behind the link".utf8))
        #expect(try FileFacts(path: link, followsLink: false).kind == .link)
        #expect(try FileFacts(path: link).isSameFile(as: FileFacts(path: path)))
    }

    @Test func contentHasABoundAlsoWhereNoSizeIsTold() throws {
        let path = try written("12345")
        #expect(try OpenFile(path).content(bytesMax: 5).count == 5)
        #expect(throws: FileError(path, .read, .tooLarge(bytesMax: 4))) { try OpenFile(path).content(bytesMax: 4) }
        #expect { try OpenFile("/dev/zero").content(bytesMax: 1 << 20) } throws: {
            "\($0)" == "/dev/zero cannot be read: larger than 1048576 bytes"
        }
        #expect(try !OpenFile("/proc/self/statm").content(bytesMax: 1024).isEmpty)
    }

    @Test func whatIsMissingIsToldApart() {
        for path in ["/nowhere/file", "/dev/null/file"] {
            #expect { try OpenFile(path) } throws: { ($0 as? FileError)?.isMissing == true }
            #expect { try FileFacts(path: path) } throws: { ($0 as? FileError)?.isMissing == true }
        }
        #expect { try OpenFile("/nowhere/file") } throws: {
            "\($0)" == "/nowhere/file cannot be read: No such file or directory"
        }
    }

    @Test func theHoleOfAFileIsPassedOver() throws {
        let path = try written("")
        truncate(path, 1 << 20)
        let descriptor = open(path, O_WRONLY | O_APPEND)
        write(descriptor, "x", 1)
        close(descriptor)
        let file = try OpenFile(regular: path)
        let offset = file.dataOffset(from: 0)
        #expect(offset <= 1 << 20)
        #expect(try file.bytes(at: offset, count: 1 << 20).last == UInt8(ascii: "x"))
    }

    @Test func factsTellWhatHasChanged() throws {
        let path = try written("one")
        let before = try FileFacts(path: path)
        #expect(before.size == 3 && before.kind == .regular)
        #expect(try FileFacts(path: path) == before)
        _ = try written("other")
        let after = try FileFacts(path: path)
        #expect(after.size == 5 && after != before && !after.isSameFile(as: before))
    }
}
