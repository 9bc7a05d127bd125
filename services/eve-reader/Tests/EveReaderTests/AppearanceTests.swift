import Files
import Glibc
import ServiceTesting
import Testing

@testable import EveReader

@Suite("Files that come, and what they hold")
struct AppearanceTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
    }

    @Test("A missing directory and a missing file are waited for, with the reason")
    func missing() throws {
        let deep = directory.file("ram_logs")
        let run = SourceRun(deep + "/eve.json")
        run.round()
        #expect(run.discovery.obstacle == "\(deep) cannot be read: No such file or directory")
        mkdir(deep, 0o755)
        run.round()
        #expect(run.discovery.obstacle == "\(deep)/eve.json: no such file yet")
        let file = try WrittenFile(deep + "/eve.json")
        run.round()
        #expect(run.discovery.obstacle == nil)
        file.write(lines: eve(1...2))
        run.round()
        #expect(run.lines == eve(1...2))
    }

    @Test("A path that becomes a directory is followed as one")
    func fileOrDirectory() throws {
        let later = directory.file("logs")
        let run = SourceRun(later + "/")
        run.round()
        #expect(run.discovery.obstacle == "\(later)/: no such file yet")
        mkdir(later, 0o755)
        run.round()
        #expect(run.discovery.obstacle == "\(later)/: no eve.json in it yet")
        try WrittenFile(later + "/eve.json").write(lines: eve(1...1))
        run.round()
        #expect(run.lines == [eve(1)])
    }

    @Test("A file that may not be read is waited for, with the reason")
    func permission() throws {
        try WrittenFile(path).write(lines: eve(1...1))
        chmod(path, 0)
        let run = SourceRun(path)
        withoutPrivileges(in: directory) { run.round() }
        #expect(run.discovery.obstacle == "\(path) cannot be read: Permission denied")
        #expect(run.lines.isEmpty)
        chmod(path, 0o644)
        withoutPrivileges(in: directory) { run.round() }
        #expect(run.discovery.obstacle == nil)
        #expect(run.lines == [eve(1)])
    }

    @Test("A directory that may not be read is waited for, and its open files are read on")
    func directoryPermission() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...1))
        let run = SourceRun(path)
        run.round()
        chmod(directory.path, 0)
        file.write(lines: eve(2...2))
        withoutPrivileges(in: nil) { run.round() }
        #expect(run.discovery.obstacle == "\(directory.path) cannot be read: Permission denied")
        chmod(directory.path, 0o755)
        #expect(run.lines == eve(1...2))
    }

    /// Runs the work on this thread without the rights of root.
    private func withoutPrivileges(in directory: TemporaryDirectory?, _ work: () -> Void) {
        guard geteuid() == 0, let symbol = dlsym(nil, "setfsuid") else { return work() }
        // For files only and for this thread only, so that tests beside it keep theirs. Glibc's module does not show it.
        let setFileUser = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> Int32).self)
        if let directory { chmod(directory.path, 0o755) }
        _ = setFileUser(65_534)
        work()
        _ = setFileUser(0)
    }

    @Test("A thread's part that appears late is followed; others' outputs are not")
    func threads() throws {
        try WrittenFile(directory.file("eve.1.json")).write(lines: eve(1...2))
        let run = SourceRun(directory.path)
        run.round()
        try WrittenFile(directory.file("eve.7.json")).write(lines: eve(3...4))
        try WrittenFile(directory.file("fast.log")).write(lines: eve(5...5))
        run.rounds(2)
        #expect(run.lines == eve(1...4))
        #expect(run.stored.count == 2)
    }

    @Test("Files take turns, a batch each, and a deep backlog does not hold up the others")
    func fairness() throws {
        try WrittenFile(directory.file("eve.1.json")).write(lines: eve(1...100))
        try WrittenFile(directory.file("eve.2.json")).write(lines: eve(200...202))
        let run = SourceRun(directory.path) { $1.limits.events = 10 }
        run.round(batches: 2)
        #expect(run.lines.contains(eve(1)) && run.lines.contains(eve(202)))
    }

    @Test("Small files and empty ones", arguments: ["", "{", "{\"timestamp\":\"2026"])
    func tiny(start: String) throws {
        let file = try WrittenFile(path)
        file.write(start)
        let run = SourceRun(path)
        run.rounds(2)
        #expect(run.lines.isEmpty)
        file.write("}\n")
        run.round()
        #expect(run.lines == [start + "}"])
    }

    @Test("A file of twenty bytes is read at once, and its like beside it is another file")
    func twenty() throws {
        let text = "{\"timestamp\":\"2026\"}"
        try WrittenFile(directory.file("eve.1.json")).write(lines: [text])
        try WrittenFile(directory.file("eve.2.json")).write(lines: [text])
        let run = SourceRun(directory.path)
        run.round()
        #expect(run.lines == [text, text])
        #expect(Set(run.events.map(\.id)).count == 2)
    }

    @Test("A line that is torn by the writer's second write is one line")
    func torn() throws {
        let file = try WrittenFile(path)
        let run = SourceRun(path)
        let line = "{\"stats\":\"" + String(repeating: "s", count: 9000) + "\"}"
        file.write(eve(1) + "\n" + line.prefix(4096))
        run.round()
        #expect(run.lines == [eve(1)])
        file.write(line.dropFirst(4096) + "\n")
        run.round()
        #expect(run.lines == [eve(1), line])
    }

    @Test("Half a record and a full one on the same line are passed on as they are")
    func merged() throws {
        let half = String(eve(1).prefix(30))
        try WrittenFile(path).write(lines: [half + eve(2), eve(3)])
        let run = SourceRun(path)
        run.round()
        #expect(run.lines == [half + eve(2), eve(3)])
    }

    @Test("Bytes that are no UTF-8 are passed on as they are")
    func invalidUTF8() throws {
        let file = try WrittenFile(path)
        file.write(bytes: Array("{\"a\":\"".utf8) + [0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80] + Array("\"}\n".utf8))
        file.write(lines: eve(1...1))
        let run = SourceRun(path)
        run.round()
        #expect(run.lines.count == 2)
        #expect(run.events.last?.offset == 15)
    }

    @Test("Lines up to the bound are whole, longer ones become dead letters with prefix and length")
    func long() throws {
        let bound = 8 << 20
        let file = try WrittenFile(path)
        let longest = "{\"a\":\"" + String(repeating: "x", count: bound - 8) + "\"}"
        let tooLong = String(repeating: "y", count: 9 << 20)
        file.write(lines: [eve(1), longest, tooLong, eve(2)])
        let run = SourceRun(path)
        run.rounds(2)
        #expect(run.lines == [eve(1), longest, eve(2)])
        let letter = try #require(run.rejected.first)
        #expect(letter.reason == "the line is too long: \(9 << 20) bytes")
        #expect(letter.size == 9 << 20)
        #expect(letter.bytes.count == 1024)
        #expect(letter.origin.offset == UInt64(eve(1).utf8.count + 1 + bound + 1))
        #expect(run.registry.render().contains("rejected_total{reason=\"oversize\"} 1"))
    }

    @Test("Batches close on bytes, on count, and on age")
    func batches() throws {
        let file = try WrittenFile(path)
        file.write(lines: eve(1...250))
        let run = SourceRun(path) { $1.limits = BatchBuilder.Limits(bytes: 1 << 20, events: 100) }
        run.round()
        #expect(run.batchEvents == [100, 100, 50])

        let bytes = SourceRun(path) { $1.limits = BatchBuilder.Limits(bytes: 2000, events: 1000) }
        bytes.round()
        #expect(bytes.batchEvents.first == 24)

        file.write(lines: eve(251...251))
        _ = run.source.look(now: run.now)
        #expect(run.source.next(now: run.now + 249_000_000, time: 0) == nil)
        #expect(run.source.nextDue == run.now + 250_000_000)
        #expect(run.source.next(now: run.now + 250_000_000, time: 0)?.events == 1)
        // A full batch does not wait.
        file.write(lines: eve(300...20_000))
        _ = run.source.look(now: run.now)
        #expect(run.source.next(now: run.now, time: 0)?.events == 100)
    }

    @Test("A single pass takes the last line without its newline, and is done")
    func once() throws {
        let file = try WrittenFile(path)
        file.write(eve(1) + "\n" + eve(2))
        try WrittenFile(directory.file("eve.1.json")).write(lines: eve(3...3))
        let run = SourceRun(path, once: true)
        #expect(!run.discovery.isDone)
        run.round()
        #expect(run.lines == eve(1...2))
        #expect(run.discovery.isDone)
        // What is written from then on is for another pass.
        file.write("\n" + eve(4) + "\n")
        run.round()
        #expect(run.lines == eve(1...2))
        #expect(run.discovery.isDone)
        let next = SourceRun(path, stored: run.stored, once: true)
        next.round()
        #expect(next.lines == [eve(4)])

        let whole = SourceRun(directory.path, once: true)
        whole.round()
        #expect(whole.lines.sorted() == eve(1...4))
    }

    @Test("What stands in the place of the file is named, before and while there is something to read")
    func otherKinds() throws {
        mkfifo(path, 0o600)
        let run = SourceRun(path)
        run.round()
        #expect(run.discovery.obstacle == "\(path) cannot be read: not a regular file but a FIFO")
        unlink(path)
        try WrittenFile(path).write(lines: eve(1...1))
        run.round()
        #expect(run.discovery.obstacle == nil && run.lines == [eve(1)])
        rename(path, path + ".1")
        mkdir(path, 0o755)
        try WrittenFile(path + "/eve.json").write(lines: eve(8...8))
        run.round()
        #expect(run.discovery.obstacle == "\(path) cannot be read: not a regular file but a folder")
        rename(path, path + ".folder")
        symlink("/dev/zero", path)
        run.round()
        #expect(
            run.discovery.obstacle?.hasPrefix("\(path) cannot be read: not a regular file but a symbolic link") ?? false
        )
        unlink(path)
        try WrittenFile(path).write(lines: eve(2...2))
        run.rounds(2)
        #expect(run.discovery.obstacle == nil && run.lines == eve(1...2))
    }

    @Test("A device and a socket are named, a device also behind a configured link")
    func devices() throws {
        symlink("/dev/null", path)
        let run = SourceRun(path)
        run.round()
        #expect(run.discovery.obstacle == "\(path) cannot be read: not a regular file but a device")
        #expect(throws: FileError("/dev/null", .read, .notRegular(.device))) { try OpenFile(regular: "/dev/null") }
    }

    @Test("A link inside the folder leads nowhere, whatever output it is called as")
    func linksInside() throws {
        let secret = directory.file("passwords")
        try WrittenFile(secret).write(lines: eve(90...99))
        try WrittenFile(path).write(lines: eve(1...2))
        for name in ["eve.1.json", "eve.json.1", "eve-2026-02-01.json"] { symlink(secret, directory.file(name)) }
        for path in [path, directory.path] {
            let run = SourceRun(path)
            run.rounds(3)
            #expect(run.lines == eve(1...2))
            #expect(run.discovery.obstacle == nil, "the output itself can be read")
        }
        unlink(path)
        symlink(secret, path)
        let run = SourceRun(directory.path)
        run.rounds(3)
        #expect(run.lines.isEmpty)
        #expect(
            run.discovery.obstacle?.hasPrefix("\(path) cannot be read: not a regular file but a symbolic link") ?? false
        )
    }

    @Test("A link to a file of the folder that is followed anyway is no obstacle")
    func linkToOwn() throws {
        let dated = directory.file("eve-2026-02-01.json")
        try WrittenFile(dated).write(lines: eve(1...2))
        symlink(dated, path)
        let run = SourceRun(directory.path)
        run.rounds(2)
        #expect(run.lines == eve(1...2) && run.discovery.obstacle == nil)
    }

    @Test("A configured path that is a link is followed, also to another file later")
    func configuredLink() throws {
        let (first, second) = (directory.file("first"), directory.file("second"))
        try WrittenFile(first).write(lines: eve(1...2))
        try WrittenFile(second).write(lines: eve(3...4))
        symlink(first, path)
        let run = SourceRun(path)
        run.round()
        #expect(run.lines == eve(1...2) && run.discovery.obstacle == nil)
        unlink(path)
        symlink(second, path)
        run.rounds(2)
        #expect(run.lines == eve(1...4) && run.discovery.obstacle == nil)
    }

    @Test("A link that takes the place of a file between listing and opening is not followed")
    func race() throws {
        let secret = directory.file("passwords")
        try WrittenFile(secret).write(lines: eve(90...99))
        try WrittenFile(path).write(lines: eve(1...1))
        let listing = try DirectoryListing(path: path, includesThreads: true)
        let entry = try #require(listing.entry(named: "eve.json"))
        unlink(path)
        symlink(secret, path)
        #expect(throws: FileError(path, .read, .notRegular(.link))) { try listing.open(entry) }
        unlink(path)
        mkfifo(path, 0o600)
        #expect(throws: FileError(path, .read, .notRegular(.fifo))) { try listing.open(entry) }
    }

    @Test("Compressed content is not taken for lines")
    func compressed() throws {
        try WrittenFile(path).write(bytes: [0x1F, 0x8B, 8, 0, 0, 10, 0, 10])
        let run = SourceRun(path)
        run.rounds(2)
        #expect(run.discovery.obstacle == "\(path): compressed: unpack it first")
        #expect(run.rejected.isEmpty)
        unlink(path)
        try WrittenFile(path).write(lines: eve(1...1))
        run.rounds(2)
        #expect(run.discovery.obstacle == nil && run.lines == [eve(1)])
    }

    @Test("A byte order mark alone is an empty line; before an event it stays with it, as does the identity")
    func byteOrderMark() throws {
        try WrittenFile(path).write("\u{FEFF}\n\u{FEFF}\r\n\u{FEFF}" + eve(1) + "\n\u{FEFF}")
        let run = SourceRun(path, once: true)
        run.round()
        #expect(run.lines == ["\u{FEFF}" + eve(1)] && run.rejected.isEmpty)
    }

    @Test("A long array, or one without an end, says what is wanted")
    func layout() throws {
        try WrittenFile(path).write("[" + eve(1...100).joined(separator: ",") + "]\n[" + eve(1) + ",\n  {\n}")
        let run = SourceRun(path, once: true) { files, _ in files.lineBytesMaximum = 4096 }
        run.round()
        #expect(run.reasons.count == 2)
        #expect(run.reasons.allSatisfy { $0.hasSuffix("; one event on one line is wanted") })
    }

    @Test("The kernel's reports arrive, and a directory that was replaced is watched anew")
    func watch() throws {
        let watch = DirectoryWatch()
        watch.follow(directory.path)
        #expect(watch.takeChanges() == DirectoryWatch.Changes())
        let file = try WrittenFile(path)
        #expect(watch.takeChanges().names)
        file.write(lines: eve(1...1))
        #expect(watch.takeChanges() == DirectoryWatch.Changes(names: false, contents: true))
        rename(directory.path, directory.path + ".old")
        mkdir(directory.path, 0o755)
        watch.follow(directory.path)
        _ = watch.takeChanges()
        _ = try WrittenFile(path)
        #expect(watch.takeChanges().names)
        unlink(directory.path + ".old/eve.json")
        rmdir(directory.path + ".old")
    }
}
