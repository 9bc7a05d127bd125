import Glibc
import ServiceTesting
import Testing

@testable import EveReader

/// Random histories of a writer, a log rotation and a reader that crashes, of the kinds that need not lose anything:
/// afterwards each line must have been stored exactly once.
@Suite("Random histories")
struct RandomHistoryTests {
    @Test("Each line arrives once, whatever happens in whatever order", arguments: 1...60)
    func history(seed: UInt64) throws {
        let history = try History(seed: seed)
        for _ in 0..<80 { try history.step() }
        history.settle()
        let (missing, doubled) = history.balance()
        #expect(missing.isEmpty && doubled.isEmpty, "missing \(missing), doubled \(doubled): \(history.log)")
        #expect(history.run.value("lost_bytes_total") == 0)
    }
}

/// One history.
private final class History {
    private let directory: TemporaryDirectory
    private let path: String
    private let appends: Bool
    private var random: SplitMix
    private var writer: WrittenFile
    private var isLazy = false
    private var torn = ""
    private var rotations = 0
    private var number = 0
    /// Of this generation of the current file: whether the reader has stored anything, so that it can be found again.
    private var isKnown = false
    private var snapshot: (checkpoints: [String: String], events: [SourceRun.Event])?
    private var earlier: [SourceRun.Event] = []
    private(set) var run: SourceRun
    private(set) var written: [String] = []
    private(set) var log: [String] = []

    init(seed: UInt64) throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
        random = SplitMix(state: seed)
        appends = seed % 2 == 0
        writer = try WrittenFile(path, appends: appends)
        run = SourceRun(path)
    }

    var stored: [SourceRun.Event] { earlier + run.events }

    /// The lines that were not stored, and those that were stored more than once.
    func balance() -> (missing: [String], doubled: [String]) {
        var counts: [String: Int] = [:]
        for event in stored { counts[event.line, default: 0] += 1 }
        return (written.filter { counts[$0] == nil }, counts.filter { $0.value > 1 }.keys.sorted())
    }

    func step() throws {
        switch random.next(below: 12) {
        case 0...3: write(random.next(below: 6))
        case 4: tear()
        case 5...7: read(batches: random.next(below: 4))
        case 8 where torn.isEmpty: try copyAndTruncate()
        case 9: try rename()
        case 10: crash()
        case 11: rollBack()
        default: break
        }
    }

    /// Lets the writer finish its line and the reader read everything.
    func settle() {
        write(1)
        for _ in 0..<5 { read(batches: .max) }
    }

    private func write(_ count: Int) {
        if !torn.isEmpty {
            writer.write(torn + "\n")
            torn = ""
        }
        for _ in 0..<count {
            number += 1
            written.append(eve(number))
            writer.write(lines: [eve(number)])
        }
        log.append("write to \(number)")
    }

    /// Writes half a line.
    private func tear() {
        write(0)
        number += 1
        written.append(eve(number))
        let cut = 1 + random.next(below: 50)
        writer.write(String(eve(number).prefix(cut)))
        torn = String(eve(number).dropFirst(cut))
        log.append("tear \(number)")
    }

    private func read(batches: Int) {
        let before = run.events.count
        run.round(batches: batches)
        if run.events.dropFirst(before).contains(where: { lines.contains($0.line) }) { isKnown = true }
        log.append("read \(run.events.count - before)")
    }

    /// The lines of this generation of the current file.
    private var lines: Set<String> { Set(written.suffix(number - generationStart)) }
    private var generationStart = 0

    private func copyAndTruncate() throws {
        guard isKnown, !isLazy else { return }
        rotations += 1
        try copyFile(path, to: "\(path).\(rotations)")
        writer.truncate()
        startGeneration()
        log.append("truncate")
    }

    /// Renames the file, or, when that was done before, lets the writer notice.
    private func rename() throws {
        if isLazy {
            // The rest of a torn line goes to the old file.
            write(0)
            writer = try WrittenFile(path, appends: appends)
            isLazy = false
            startGeneration()
            log.append("reopen")
        } else if isKnown {
            rotations += 1
            writer.rename(to: "\(path).\(rotations)")
            if random.next(below: 2) == 0 { _ = try WrittenFile(path) }
            isLazy = true
            log.append("rename")
        }
    }

    private func startGeneration() {
        isKnown = false
        generationStart = number
        snapshot = nil
    }

    /// The reader dies; another one begins with what is stored.
    private func crash() {
        _ = run.source.next(now: run.now, time: run.time)
        earlier += run.events
        let next = SourceRun(path, stored: run.stored) { $1.limits.events = 1 + self.random.next(below: 20) }
        run = next
        log.append("crash")
    }

    /// Redis comes back with an older state: checkpoints and entries together.
    private func rollBack() {
        if let old = snapshot {
            earlier = old.events
            run = SourceRun(path, stored: old.checkpoints)
            snapshot = nil
            log.append("roll back")
        } else if isKnown {
            snapshot = (run.stored, stored)
        }
    }
}

/// Numbers that are the same for the same seed.
private struct SplitMix {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
