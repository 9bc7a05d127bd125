import Glibc
import ServiceTesting
import Testing

@testable import EveReader

@Suite("Truncation")
struct TruncationTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
    }

    @Test("After copytruncate reading begins at 0, with and without O_APPEND", arguments: [true, false])
    func copytruncate(appends: Bool) throws {
        let file = try WrittenFile(path, appends: appends)
        file.write(lines: eve(1...3))
        let size = Double(3 * (eve(1).utf8.count + 1))
        let run = SourceRun(path)
        run.round()
        try copyFile(path, to: path + ".1")
        file.truncate()
        // Without O_APPEND the writer keeps its place, and the file begins with a hole.
        file.write(lines: eve(4...5))
        run.rounds(2)
        #expect(run.lines == eve(1...5))
        #expect(run.value("truncations_total") == 1)
        #expect(run.value("lost_bytes_total") == 0)
        #expect(run.value("skipped_zero_bytes_total") == (appends ? 0 : size))
        run.rounds(8)
        #expect(run.lines == eve(1...5))
        #expect(run.stored.count == 1)
    }

    @Test("What was not read before a truncation is read from the copy")
    func restFromCopy() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...2))
        let run = SourceRun(path)
        run.round()
        file.write(lines: eve(3...4))
        try copyFile(path, to: path + ".1")
        file.truncate()
        file.write(lines: eve(5...5))
        run.rounds(3)
        #expect(run.lines.sorted() == eve(1...5))
        #expect(run.value("lost_bytes_total") == 0)

        let other = try WrittenFile(directory.file("other.json"))
        other.write(lines: eve(1...4))
        let whole = SourceRun(directory.file("other.json"))
        whole.round()
        #expect(whole.events.map(\.offset) == run.events.filter { $0.line != eve(5) }.map(\.offset))
    }

    @Test("What was not read before a truncation and has no copy is counted as lost")
    func lost() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...4))
        let run = SourceRun(path) { $1.limits.events = 1 }
        run.round(batches: 1)
        file.truncate()
        file.write(lines: eve(5...5))
        run.rounds(3)
        #expect(run.lines == [eve(1), eve(5)])
        #expect(run.value("lost_bytes_total") == Double(3 * (eve(1).utf8.count + 1)))
    }

    @Test("A file that was cut and has grown beyond the old place is noticed")
    func regrown() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let run = SourceRun(path)
        run.round()
        file.truncate()
        file.write(lines: eve(11...20))
        run.rounds(2)
        #expect(run.lines == eve(1...3) + eve(11...20))
        #expect(run.value("truncations_total") == 1)
    }

    @Test("A file that was cut and has exactly the old size again is noticed")
    func sameSize() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let run = SourceRun(path)
        run.round()
        file.truncate()
        file.write(lines: eve(4...6))
        run.rounds(2)
        #expect(run.lines == eve(1...6))
    }

    @Test("A file that was cut and has grown while nobody read is begun at 0")
    func regrownWhileDown() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let first = SourceRun(path)
        first.round()
        file.truncate()
        file.write(lines: eve(11...20))
        let second = SourceRun(path, stored: first.stored)
        second.rounds(2)
        #expect(second.lines == eve(11...20))
        #expect(second.stored.count == 1)
    }

    @Test("A copy among dated files is not read again")
    func datedCopy() throws {
        let current = directory.file("eve.json")
        let file = try WrittenFile(current)
        file.write(lines: eve(1...3))
        let run = SourceRun(directory.path)
        run.round()
        try copyFile(current, to: directory.file("eve-20260201.json"))
        run.rounds(2)
        #expect(run.lines == eve(1...3))
        file.write(lines: eve(4...4))
        file.truncate()
        file.write(lines: eve(5...5))
        run.rounds(10)
        #expect(run.lines == eve(1...3) + [eve(5)])

        let restarted = SourceRun(directory.path, stored: run.stored)
        restarted.rounds(2)
        #expect(restarted.lines.isEmpty)
    }

    @Test("The last line before a restart that empties the file counts without its newline when it is whole")
    func lastLine() throws {
        let file = try WrittenFile(path)
        file.write(eve(1) + "\n" + eve(2))
        let run = SourceRun(path)
        run.round()
        #expect(run.lines == [eve(1)])
        file.truncate()
        file.write(lines: eve(3...3))
        run.rounds(2)
        #expect(run.lines == eve(1...3))
        #expect(run.value("lost_bytes_total") == 0)
    }

    @Test("The only line of a cut file, which lacked nothing but the newline, is read, and its checkpoint goes")
    func onlyLine() throws {
        let file = try WrittenFile(path)
        file.write(eve(1))
        let run = SourceRun(path)
        run.round()
        #expect(run.stored.isEmpty)
        file.truncate()
        file.write(lines: eve(3...3))
        run.rounds(3)
        #expect(run.lines == [eve(1), eve(3)])
        #expect(run.losses.isEmpty && run.stored.count == 1)
    }

    @Test("Zero bytes alone are nothing, and the record behind them is read")
    func hole() throws {
        let file = try WrittenFile(path)
        file.write(bytes: [UInt8](repeating: 0, count: 5000))
        let run = SourceRun(path)
        run.rounds(2)
        #expect(run.lines.isEmpty)
        file.write(lines: eve(1...1))
        run.round()
        #expect(run.lines == [eve(1)])
        #expect(run.events.first?.offset == 5000)
        #expect(run.value("skipped_zero_bytes_total") == 5000)
    }

    @Test("What was cut before anything of it was handed over is counted once, and leaves no checkpoint")
    func cutUnread() throws {
        let file = try WrittenFile(path)
        let half = String(eve(1, String(repeating: "d", count: 200)).dropLast(9))
        file.write(half)
        let run = SourceRun(path)
        run.round()
        #expect(run.stored.isEmpty)
        file.truncate()
        file.write(lines: eve(11...12))
        run.rounds(3)
        let lost = UInt64(half.utf8.count)
        #expect(run.losses == [.init(cause: .removal, bytes: lost)])
        #expect(run.value("lost_bytes_total") == Double(lost))
        #expect(run.lines == eve(11...12) && run.stored.count == 1)
    }

    @Test("A checkpoint that only carries a count is removed when it is stored, not before")
    func countInSteps() throws {
        let file = try WrittenFile(path)
        file.write(String(eve(1, String(repeating: "d", count: 200)).dropLast(9)))
        let run = SourceRun(path)
        run.round()
        file.truncate()
        file.write(lines: eve(11...12))
        run.round()
        run.round(batches: 0)
        var given: [BatchSource.Batch] = []
        while let batch = run.source.next(now: run.now, time: run.time), given.count < 8 { given.append(batch) }
        #expect(given.count == 1)
        given.forEach(run.store)
        run.rounds(3)
        #expect(run.losses.count == 1 && run.lines == eve(11...12) && run.stored.count == 1)
    }

    @Test("A count that Redis refused, with the removal of the checkpoint, is given again", arguments: [false, true])
    func refusedRemoval(isCheckpointLost: Bool) throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...9))
        let run = SourceRun(path) { $1.limits.events = 4 }
        run.round(batches: 1)
        file.truncate()
        file.write(lines: eve(11...11))
        run.round(batches: 0)
        let removal = try #require(run.source.next(now: run.now, time: run.time))
        #expect(removal.next == nil && removal.loss != nil)
        if isCheckpointLost { run.stored = [:] }
        run.files.rewind(field: removal.field, to: run.stored[removal.field])
        run.rounds(3)
        // A Redis that has lost the checkpoint has lost the lines before it, too.
        let lost = eve((isCheckpointLost ? 1 : 5)...9).reduce(0) { $0 + $1.utf8.count + 1 }
        #expect(run.losses == [.init(cause: .removal, bytes: UInt64(lost))])
        #expect(run.lines == eve(1...4) + eve(11...11) && run.stored.count == 1)
    }
}
