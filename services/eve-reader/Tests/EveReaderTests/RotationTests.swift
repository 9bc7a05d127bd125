import Glibc
import ServiceTesting
import Testing

@testable import EveReader

@Suite("Rotation")
struct RotationTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
    }

    @Test("A renamed file is read on while the writer has not noticed, beside its successor")
    func renameThenCreate() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...3))
        let run = SourceRun(path)
        run.round()
        old.rename(to: path + ".1")
        old.write(lines: eve(4...5))
        run.round()
        // logrotate's `create` makes the new file before Suricata hears of it.
        let new = try WrittenFile(path)
        old.write(lines: eve(6...6))
        run.round()
        new.write(lines: eve(7...8))
        old.write(lines: eve(9...9))
        run.round()
        #expect(Set(run.lines) == Set(eve(1...9)))
        #expect(run.lines.count == 9)
        #expect(run.value("rotations_total") == 1)
        #expect(run.value("lost_bytes_total") == 0)
    }

    @Test("A file that was finished is read again from where a Redis is that has lost its last second")
    func finishedBeforeRedisWentBack() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...9))
        let run = SourceRun(path) { $1.limits.events = 4 }
        run.round(batches: 1)
        let earlier = run.stored
        run.round()
        old.rename(to: path + ".1")
        try WrittenFile(path).write(lines: eve(11...11))
        run.round()
        run.round(seconds: 3_601, batches: 0)
        let removal = try #require(run.source.next(now: run.now, time: run.time))
        #expect(removal.next == nil && removal.loss == nil)
        run.stored[removal.field] = earlier[removal.field]
        run.files.rewind(field: removal.field, to: run.stored[removal.field])
        run.rounds(3)
        #expect(run.lines == eve(1...9) + [eve(11)] + eve(5...9))
        #expect(run.losses.isEmpty)
    }

    @Test("What is left of a finished file without being a line is not counted as lost", arguments: ["\r", "\u{feff}"])
    func finishedBehindNothing(rest: String) throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...2))
        let run = SourceRun(path)
        run.round()
        old.write(rest)
        run.round()
        old.rename(to: path + ".1")
        try WrittenFile(path).write(lines: eve(3...3))
        run.round()
        run.rounds(3, seconds: 3_601)
        #expect(run.lines == eve(1...3))
        #expect(run.losses.isEmpty && run.stored.count == 1)
    }

    @Test("A rename in the middle of a line loses nothing")
    func renameInsideLine() throws {
        let file = try WrittenFile(path)
        let line = eve(1)
        file.write(String(line.prefix(20)))
        let run = SourceRun(path)
        run.round()
        file.rename(to: path + ".1")
        run.round()
        file.write(line.dropFirst(20) + "\n")
        try WrittenFile(path).write(lines: eve(2...2))
        run.round()
        #expect(Set(run.lines) == [eve(1), eve(2)])
    }

    @Test("An idle thread that writes to the renamed file within the age limit is heard")
    func idleThread() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...1))
        let run = SourceRun(path)
        run.round()
        old.rename(to: path + ".1")
        let new = try WrittenFile(path)
        new.write(lines: eve(2...2))
        run.rounds(3, seconds: 1000)
        old.write(lines: eve(3...3))
        run.round()
        #expect(run.lines == [eve(1), eve(2), eve(3)])
        // An hour without growth later it is closed, and its checkpoint is gone.
        run.rounds(5, seconds: 1000)
        #expect(run.files.cursors.count == 1)
        #expect(run.stored.count == 1)
    }

    @Test("A deleted file is closed soon after its successor appears, which frees its memory")
    func deleted() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...1))
        let run = SourceRun(path)
        run.round()
        unlink(path)
        run.rounds(10)
        #expect(run.files.cursors.count == 1)
        old.write(lines: eve(2...2))
        let new = try WrittenFile(path)
        new.write(lines: eve(3...3))
        run.rounds(3)
        #expect(run.files.cursors.count == 2)
        run.rounds(6)
        #expect(run.files.cursors.count == 1)
        #expect(run.lines.sorted() == eve(1...3))
        #expect(run.stored.count == 1)
    }

    @Test("A file that was rotated while nobody read is found again and read to its end")
    func rotatedWhileDown() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...2))
        let first = SourceRun(path)
        first.round()
        old.write(lines: eve(3...4))
        old.rename(to: path + ".1")
        let new = try WrittenFile(path)
        new.write(lines: eve(5...6))

        let second = SourceRun(path, stored: first.stored)
        second.rounds(2)
        #expect(second.lines.sorted() == eve(3...6))
        // The ids are those that a reader would have made that was never down.
        old.write(lines: eve(7...7))
        second.round()
        #expect(second.lines.last == eve(7))
        #expect(second.value("lost_bytes_total") == 0)
    }

    @Test("A file that was rotated away and deleted while nobody read is counted as lost")
    func deletedWhileDown() throws {
        let old = try WrittenFile(path)
        old.write(lines: eve(1...2))
        let first = SourceRun(path) { $1.limits.events = 1 }
        first.round(batches: 1)
        #expect(first.lines == [eve(1)])
        unlink(path)
        try WrittenFile(path).write(lines: eve(3...3))
        let second = SourceRun(path, stored: first.stored)
        second.rounds(2)
        #expect(second.lines == [eve(3)])
        #expect(second.value("lost_bytes_total") == Double(eve(2).utf8.count + 1))
        #expect(second.losses == [.init(cause: .removal, bytes: UInt64(eve(2).utf8.count + 1))])
        #expect(second.stored.count == 1)
    }

    @Test("Only uncompressed files that were followed are looked into")
    func strangers() throws {
        try WrittenFile(path + ".1").write(lines: eve(1...1))
        try WrittenFile(path + ".2.gz").write(lines: eve(2...2))
        try WrittenFile(path).write(lines: eve(3...3))
        let run = SourceRun(path)
        run.rounds(2)
        #expect(run.lines == [eve(3)])
    }

    @Test("The last line of a deleted file counts without its newline when it is whole", arguments: [true, false])
    func lastLine(isWhole: Bool) throws {
        let old = try WrittenFile(path)
        old.write(eve(1) + "\n" + (isWhole ? eve(2) : String(eve(2).dropLast(5))))
        let run = SourceRun(path)
        run.round()
        #expect(run.lines == [eve(1)])
        unlink(path)
        let new = try WrittenFile(path)
        new.write(lines: eve(3...3))
        run.rounds(3)
        #expect(run.lines == [eve(1), eve(3)])
        run.rounds(4)
        #expect(run.lines == [eve(1), eve(3)] + (isWhole ? [eve(2)] : []))
        #expect(run.reasons == (isWhole ? [] : ["the file ends inside the line"]))
        run.rounds(2)
        #expect(run.files.cursors.count == 1)
        #expect(run.stored.count == 1)
    }

    @Test("Dated files are read one after the other and closed, and opened again when they grow")
    func dated() throws {
        let first = try WrittenFile(directory.file("eve-2026-02-01.json"))
        first.write(lines: eve(1...2))
        let run = SourceRun(directory.path)
        run.round()
        let second = try WrittenFile(directory.file("eve-2026-02-02.json"))
        second.write(lines: eve(3...4))
        run.rounds(8)
        #expect(run.lines == eve(1...4))
        #expect(run.files.cursors.count == 1)
        first.write(lines: eve(5...5))
        run.rounds(2)
        #expect(run.lines == eve(1...5))

        // After a restart nothing is read twice, and what is complete is not even opened.
        let restarted = SourceRun(directory.path, stored: run.stored)
        restarted.rounds(2)
        #expect(restarted.lines.isEmpty)
    }

    @Test("A file that is replaced by a longer copy of itself is read on where it was")
    func replacedByCopy() throws {
        try WrittenFile(path).write(lines: eve(1...3))
        let run = SourceRun(path)
        run.round()
        let copy = try WrittenFile(directory.file(".eve.json.tmp"))
        copy.write(lines: eve(1...5))
        copy.rename(to: path)
        run.rounds(2)
        #expect(run.lines == eve(1...5))
    }
}
