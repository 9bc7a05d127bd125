import Glibc
import ServiceTesting
import Testing

@testable import EveReader

@Suite("Restarts and identities")
struct RestartTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
    }

    @Test("A reader that is killed after any batch goes on with the same ids and no event twice", arguments: 0...5)
    func killed(batches: Int) throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...50))
        let whole = SourceRun(path) { $1.limits.events = 10 }
        whole.round()
        #expect(whole.batchEvents == [10, 10, 10, 10, 10])

        let first = SourceRun(path) { $1.limits.events = 10 }
        first.round(batches: batches)
        // Read and never stored: the process dies with it.
        _ = first.source.next(now: first.now, time: first.time)
        let second = SourceRun(path, stored: first.stored) { $1.limits.events = 7 }
        second.round()
        #expect(first.events + second.events == whole.events)
    }

    @Test("A Redis that lost its last second gets the same events again")
    func olderRedis() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...10))
        let run = SourceRun(path)
        run.round()
        let older = run.stored
        file.write(lines: eve(11...20))
        run.round()
        run.stored = older
        run.files.compare(with: older)
        run.round()
        #expect(run.lines == eve(1...20) + eve(11...20))
        #expect(Set(run.events).count == 20)
        // Emptied altogether: everything again.
        run.stored = [:]
        run.files.compare(with: [:])
        run.round()
        #expect(run.lines.suffix(20) == eve(1...20)[...])
        #expect(Set(run.events).count == 20)
        #expect(run.value("rewinds_total") == 2)
    }

    @Test("A refused batch is read again from the position in Redis")
    func stale() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let run = SourceRun(path) { $1.limits.events = 1 }
        run.round(batches: 1)
        let refused = try #require(run.source.next(now: run.now, time: run.time))
        _ = run.source.next(now: run.now, time: run.time)
        run.files.rewind(field: refused.field, to: run.stored[refused.field])
        run.round()
        #expect(run.lines == eve(1...3))
    }

    @Test("The identity does not change when a file of one short line grows")
    func growingHead() throws {
        let file = try WrittenFile(path)
        file.write("{\"a\":1}\n")
        let run = SourceRun(path)
        run.round()
        file.write(lines: eve(1...100))
        run.round()
        let restarted = SourceRun(path, stored: run.stored)
        restarted.round()
        file.write(lines: eve(101...101))
        restarted.round()
        let whole = SourceRun(path)
        whole.round()
        #expect(run.events + restarted.events == whole.events)
        #expect(run.stored.count == 1)
    }

    @Test("A file that got the inode of its predecessor is another file")
    func inodeReuse() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...3))
        let first = SourceRun(path)
        first.round()
        let oldInode = old.inode
        unlink(path)
        let new = try WrittenFile(path)
        new.write(lines: eve(11...20))
        // Where the file system gives another number, the checkpoint is made to say the new one.
        let stored = first.stored.mapValues { text in
            text.split(separator: "inode=\(oldInode) ", maxSplits: 1).joined(separator: "inode=\(new.inode) ")
        }
        let second = SourceRun(path, stored: stored)
        second.rounds(2)
        #expect(second.lines == eve(11...20))
        #expect(second.stored.count == 1)
    }

    @Test("After a reboot the RAM disk's file is another one, and what was not read of the old is counted")
    func reboot() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...3))
        let first = SourceRun(path, boot: "one") { $1.limits.events = 2 }
        first.round(batches: 1)
        old.truncate()
        old.write(lines: eve(11...12))
        let second = SourceRun(path, stored: first.stored, boot: "two")
        second.rounds(2)
        #expect(second.lines == eve(11...12))
        #expect(second.value("unread_at_reboot_bytes_total") == Double(eve(3).utf8.count + 1))
        #expect(second.value("lost_bytes_total") == 0)
        #expect(second.losses == [.init(cause: .reboot, bytes: UInt64(eve(3).utf8.count + 1))])
        #expect(second.stored.count == 1)
    }

    @Test("After a reboot a file on a disk is still the same")
    func rebootWithDisk() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let first = SourceRun(path, boot: "one")
        first.round()
        file.write(lines: eve(4...5))
        let second = SourceRun(path, stored: first.stored, boot: "two")
        second.round()
        #expect(second.lines == eve(4...5))
        let whole = SourceRun(path, boot: "one")
        whole.round()
        #expect(first.events + second.events == whole.events)
    }

    @Test("A checkpoint that cannot be understood is replaced, and the file read again with the same ids")
    func damagedCheckpoint() throws {
        try WrittenFile(path).write(lines: eve(1...3))
        let first = SourceRun(path)
        first.round()
        let second = SourceRun(path, stored: first.stored.mapValues { _ in "v9 something" })
        second.round()
        #expect(second.events == first.events)
        #expect(second.stored.count == 1)
    }

    @Test("The clock that is set back an hour changes nothing")
    func clock() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let run = SourceRun(path)
        run.round()
        run.time -= 3_600_000_000_000
        file.write(lines: eve(4...5))
        run.round()
        let restarted = SourceRun(path, stored: run.stored)
        restarted.time -= 7_200_000_000_000
        file.write(lines: eve(6...6))
        restarted.round()
        #expect(run.lines + restarted.lines == eve(1...6))
    }

    @Test("Reading that starts at the end takes only what is written later, also after a restart")
    func startAtEnd() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        file.write("{\"torn")
        let run = SourceRun(path) { files, _ in files.startsAtEnd = true }
        run.round()
        file.write("\":1}\n")
        run.round()
        #expect(run.lines.isEmpty)
        #expect(run.stored.count == 1)
        // Written while the reader is down, but after its start.
        file.write(lines: eve(4...4))
        let restarted = SourceRun(path, stored: run.stored) { files, _ in files.startsAtEnd = true }
        restarted.round()
        #expect(restarted.lines == [eve(4)])
        // A file that appears later is read whole.
        try WrittenFile(directory.file("eve.1.json")).write(lines: eve(5...5))
        restarted.rounds(2)
        #expect(restarted.lines == eve(4...5))
    }
}
