import EventContract
import Glibc
import SQLite
import ServiceTesting
import Testing

@testable import EventStore

/// A store on a file system that the reader cannot write to, with and without a writer.
@Suite(.enabled(if: geteuid() == 0, "only root can mount a file system read-only"))
struct ReadingBesideTests {
    private let folder: TemporaryDirectory
    /// As the writer sees it, and as the reader does.
    private let path: String
    private let mounted: String

    init() throws {
        folder = try TemporaryDirectory("event-store-reading")
        mkdir(folder.file("store"), 0o700)
        mkdir(folder.file("mounted"), 0o700)
        path = folder.file("store/events.db")
        mounted = folder.file("mounted/events.db")
    }

    /// Runs `body` while the writer's folder is mounted read-only in a second place.
    private func whileMounted(_ body: () throws -> Void) throws {
        let place = folder.file("mounted")
        try #require(mount(folder.file("store"), place, "", UInt(MS_BIND), nil) == 0)
        defer { umount2(place, Int32(MNT_DETACH)) }
        try #require(mount("", place, "", UInt(MS_BIND | MS_REMOUNT | MS_RDONLY), nil) == 0)
        try body()
    }

    private func store(_ document: String, by writer: EventStoreWriter? = nil) throws {
        let writer = try writer ?? EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
        _ = try writer.store(.testing([document]))
    }

    private func documents(_ reader: EventStoreReader) throws -> [String] {
        try reader.stored(after: 0, limit: 10).map(\.document)
    }

    private func reader() throws -> EventStoreReader {
        try EventStoreReader(path: mounted, busyTimeoutMilliseconds: 20)
    }

    @Test func theStoreIsReadAfterItsWriterHasStopped() throws {
        try store(#"{"a":1}"#)
        try whileMounted {
            #expect(try documents(reader()) == [#"{"a":1}"#])
            let writer = try EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
            try store(#"{"a":2}"#, by: writer)
            #expect(try documents(reader()) == [#"{"a":1}"#, #"{"a":2}"#])
        }
    }

    @Test func theStoreIsReadAfterItsWriterWasKilled() throws {
        let writer = try EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
        try store(#"{"a":1}"#, by: writer)
        // What a killed process leaves: the log is not folded in.
        for suffix in ["", "-wal", "-shm"] { try copy(path + suffix, to: folder.file("store/copy.db") + suffix) }
        try whileMounted {
            let reader = try EventStoreReader(path: folder.file("mounted/copy.db"), busyTimeoutMilliseconds: 20)
            #expect(try documents(reader) == [#"{"a":1}"#])
        }
        withExtendedLifetime(writer) {}
    }

    /// Such as one that was restored from a copy.
    @Test func aStoreWithoutALogIsReadUntilAWriterComes() throws {
        try store(#"{"a":1}"#)
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        try whileMounted {
            let reader = try reader()
            #expect(try documents(reader) == [#"{"a":1}"#])
            let mark = try reader.changeMark()
            #expect(try reader.changeMark() == mark)
            let writer = try EventStoreWriter(path: path, busyTimeoutMilliseconds: 20)
            try store(#"{"a":2}"#, by: writer)
            #expect(try documents(reader) == [#"{"a":1}"#, #"{"a":2}"#])
        }
    }

    private func copy(_ source: String, to target: String) throws {
        let (input, output) = (try #require(fopen(source, "r")), try #require(fopen(target, "w")))
        defer {
            fclose(input)
            fclose(output)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, input), count > 0 { fwrite(buffer, 1, count, output) }
    }
}
