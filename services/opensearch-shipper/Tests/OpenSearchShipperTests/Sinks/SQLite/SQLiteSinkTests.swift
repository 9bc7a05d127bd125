import EventContract
import EventStore
import Glibc
import JSON
import Lifecycle
import Pipeline
import SQLite
import ServiceTesting
import Settings
import Testing

@testable import OpenSearchShipper

@Suite struct SQLiteSinkTests {
    private let folder: TemporaryDirectory
    private let path: String

    init() throws {
        folder = try TemporaryDirectory("sqlite-sink")
        path = folder.file("events.db")
    }

    private func sink(_ path: String? = nil, metrics: ShipperMetrics = .testing()) -> SQLiteSink {
        var settings = SQLiteSettings()
        settings.path = path ?? self.path
        settings.busyTimeoutMilliseconds = 20
        return SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics)
    }

    private func ids() throws -> Set<String> {
        let database = try SQLiteConnection(path: path, mode: .readOnly)
        let select = try database.prepare("SELECT id FROM events")
        var ids: Set<String> = []
        while try select.step() { ids.insert(select.text(at: 0) ?? "") }
        return ids
    }

    @Test(arguments: SinkConformance.Check.allCases)
    func conforms(check: SinkConformance.Check) throws {
        let blocker = path + ".away"
        try SinkConformance(
            makeSink: { sink() }, storedIDs: ids, poison: #"{"broken":"#,
            // A folder in the place of the file: nothing can be opened there.
            interrupt: {
                rename(path, blocker)
                mkdir(path, 0o700)
            },
            resume: {
                rmdir(path)
                rename(blocker, path)
            }
        ).run(check)
    }

    @Test(arguments: ["[1]", "text", "", #"{"a":1"#, #"{"a":1}{"b":2}"#])
    func whatIsNoObjectIsRejectedAlone(poison: String) throws {
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}", poison, #"{"a":2}"#]), ticket: 1)
        let report = try #require(try sink.reports().first)
        #expect(report.counts == [2, 0, 1])
        #expect(report.rejections.map(\.item) == [1])
        #expect(report.rejections.map(\.type) == ["not_json"])
    }

    @Test func theFileSurvivesPowerCutsAndIsReadWhileItIsWritten() throws {
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        _ = try sink.reports()
        let reader = try SQLiteConnection(path: path, mode: .readOnly)
        #expect(try reader.prepare("PRAGMA journal_mode").text() == "wal")
        // A reader in the middle of its transaction does not hold up the writer, and sees what it saw.
        try reader.execute("BEGIN; SELECT count(*) FROM events")
        sink.submit(try DocumentBatch.testing([#"{"a":1}"#]), ticket: 2)
        #expect(try sink.reports().map(\.counts) == [[1, 0, 0]])
        #expect(try reader.integer("SELECT count(*) FROM events") == 1)
        try reader.execute("COMMIT")
        #expect(try reader.integer("SELECT count(*) FROM events") == 2)
    }

    @Test func aLockedFileIsWaitedFor() throws {
        let first = sink()
        try first.run { $0 == .ready }
        let other = try SQLiteConnection(path: path)
        try other.execute("BEGIN IMMEDIATE")
        first.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        #expect(try first.trouble().contains("locked"))
        try other.execute("ROLLBACK")
        #expect(try first.reports().map(\.counts) == [[1, 0, 0]])
    }

    /// Also when there is nothing to store, and the file can be opened all the while.
    @Test func deletingIsTriedLessAndLessOften() throws {
        var settings = SQLiteSettings()
        settings.path = path
        settings.busyTimeoutMilliseconds = 0
        settings.deleteAfterDays = 1
        let metrics = ShipperMetrics.testing()
        let backoff = Backoff(firstMilliseconds: 10, capMilliseconds: 10_000)
        let sink = SQLiteSink(settings, backoff: backoff, logger: .testing, metrics: metrics)
        _ = try self.sink().collect(milliseconds: 0, wakingOn: [])
        let other = try SQLiteConnection(path: path)
        try other.execute("BEGIN IMMEDIATE")
        let end = MonotonicClock.nanoseconds() + 1_000_000_000
        while MonotonicClock.nanoseconds() < end { _ = try sink.collect(milliseconds: 20, wakingOn: []) }
        #expect(1...30 ~= metrics.requestsFailed.value)
        try other.execute("ROLLBACK")
        try sink.run { $0 == .ready }
    }

    @Test func aStoreOfANewerVersionStopsTheService() throws {
        let database = try SQLiteConnection(path: path)
        try database.execute(
            "PRAGMA application_id = \(EventStoreSchema.applicationID); PRAGMA user_version = 99")
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        #expect {
            try sink.collect(milliseconds: 0, wakingOn: [])
        } throws: {
            guard case EventStoreFileError.newerSchema(_, version: 99)? = $0 as? EventStoreFileError else {
                return false
            }
            return true
        }
        #expect(try database.integer("SELECT count(*) FROM sqlite_master") == 0)
    }

    /// Old indexes go between the batches, one at a time, and when there is nothing to store.
    @Test func anUpgradeHoldsNoBatchUp() throws {
        try sink().run { $0 == .ready }
        let database = try SQLiteConnection(path: path)
        for column in ["src_ip", "dest_ip"] {
            try database.execute("CREATE INDEX events_\(column) ON events (\(column))")
        }
        func indexCount() throws -> Int64? {
            try database.integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('events_src_ip', 'events_dest_ip')")
        }
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        #expect(try sink.collect(milliseconds: 0, wakingOn: []).map(\.counts) == [[1, 0, 0]])
        #expect(try indexCount() == 1)
        _ = try sink.collect(milliseconds: 0, wakingOn: [])
        #expect(try indexCount() == 0)
    }

    private func bytes() throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        return Array(buffer[..<fread(&buffer, 1, buffer.count, file)])
    }

    @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
        let content = "this is somebody's letter, and no database\n"
        try write(content)
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        #expect(try sink.trouble().contains("not a database"))
        #expect(try bytes() == Array(content.utf8))
    }

    @Test func aRemovedFileIsMadeAnew() throws {
        let sink = sink()
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        _ = try sink.reports()
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        let batch = try DocumentBatch.testing([#"{"a":1}"#])
        sink.submit(batch, ticket: 2)
        _ = try sink.reports()
        #expect(try ids() == Set(batch.ids))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount a small file system"))
    func aFullDiskLosesNothing() throws {
        let mountPoint = folder.file("disk")
        mkdir(mountPoint, 0o700)
        try #require(mount("tmpfs", mountPoint, "tmpfs", 0, "size=2m") == 0)
        defer { umount2(mountPoint, Int32(MNT_DETACH)) }
        let sink = sink(mountPoint + "/events.db")
        try sink.run { $0 == .ready }
        let filler = String(repeating: "x", count: 1_000)
        var submitted = 0
        // Batches of some 300 KB until the 2 MB are used up.
        while sink.health == .ready, submitted < 50 {
            submitted += 1
            let documents = (0..<300).map { SinkConformance.document($0, filler: filler) }
            sink.submit(try DocumentBatch.testing(documents, sensor: "\(submitted)"), ticket: UInt64(submitted))
            while sink.inFlightCount > 0, sink.health == .ready {
                _ = try sink.collect(milliseconds: 10, wakingOn: [])
            }
        }
        #expect(try sink.trouble().contains("full"))
        #expect(sink.inFlightCount == 1)

        try #require(mount("tmpfs", mountPoint, "tmpfs", UInt(MS_REMOUNT), "size=50m") == 0)
        #expect(try sink.reports().map(\.counts) == [[300, 0, 0]])
        let database = try SQLiteConnection(path: mountPoint + "/events.db", mode: .readOnly)
        #expect(try database.integer("SELECT count(*) FROM events") == Int64(submitted * 300))
        #expect(try database.prepare("PRAGMA integrity_check").text() == "ok")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount a file system read-only"))
    func aReadOnlyDiskIsWaitedFor() throws {
        let mountPoint = folder.file("disk")
        mkdir(mountPoint, 0o700)
        try #require(mount("tmpfs", mountPoint, "tmpfs", UInt(MS_RDONLY), "size=20m") == 0)
        defer { umount2(mountPoint, Int32(MNT_DETACH)) }
        let sink = sink(mountPoint + "/events.db")
        sink.submit(try DocumentBatch.testing(["{}"]), ticket: 1)
        #expect(try sink.trouble().contains("unable to open"))
        try #require(mount("tmpfs", mountPoint, "tmpfs", UInt(MS_REMOUNT), "size=20m") == 0)
        #expect(try sink.reports().map(\.counts) == [[1, 0, 0]])
    }

    private func write(_ content: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(content, file)
        fclose(file)
    }

    /// Lets the sink work until it does no more, and gives what has become of the batches.
    private func settle(_ sink: SQLiteSink) throws -> [BatchReport] {
        var reports: [BatchReport] = []
        for _ in 0..<50 { reports += try sink.collect(milliseconds: 0, wakingOn: []) }
        return reports
    }

    @Test func eventsGoByTheirAge() throws {
        var settings = SQLiteSettings()
        settings.path = path
        settings.deleteAfterDays = 2
        let metrics = ShipperMetrics.testing()
        let now = WallClock.nanoseconds()
        let sink = SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics)
        var young: Set<String> = []
        for (ticket, hours) in [-49, -1, -47, -500, 3].enumerated() {
            let batch = try DocumentBatch.testing(["{}"], time: now + Int64(hours) * 3_600_000_000_000)
            if hours > -48 { young.insert(batch.document(at: 0).id.description) }
            sink.submit(batch, ticket: UInt64(ticket))
            #expect(try settle(sink).map(\.storedCount) == [1])
        }
        // The first look found nothing yet, and the next may be later; another sink looks at once.
        _ = try settle(SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics))
        #expect(try ids() == young)
        #expect(metrics.deleted.value == 2)
    }

    /// Batches may be larger than a step; then a step grows with them.
    @Test func deletingKeepsUpWithStoring() throws {
        var settings = SQLiteSettings()
        settings.path = path
        settings.deleteAfterDays = 1
        let metrics = ShipperMetrics.testing()
        let count = EventStoreRetention.stepEventCountMin + 1_000
        let time = WallClock.nanoseconds() - 3 * 86_400_000_000_000
        func batch(_ sensor: String) throws -> DocumentBatch {
            try DocumentBatch.testing(Array(repeating: "{}", count: count), sensor: sensor, time: time)
        }
        let first = SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics)
        first.submit(try batch("first"), ticket: 0)
        #expect(try first.reports().map(\.storedCount) == [count])
        let sink = SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics)
        for ticket in 1...4 as ClosedRange<UInt64> {
            sink.submit(try batch("\(ticket)"), ticket: ticket)
            #expect(try sink.reports().map(\.storedCount) == [count])
        }
        #expect(metrics.deleted.value == UInt64(4 * count))
        #expect(try ids().count == count)
    }

    @Test func theFirstEventsGoWhenAllTakeTooMuch() throws {
        let text = #"{"message":"\#(String(repeating: "x", count: 8_000))"}"#
        var settings = SQLiteSettings()
        settings.path = path
        settings.bytesMax = 64 << 20
        let metrics = ShipperMetrics.testing()
        let sink = SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics)
        var newest: Set<String> = []
        for ticket in 1...12 as ClosedRange<UInt64> {
            let time = Int64(ticket) * 3_600_000_000_000
            let batch = try DocumentBatch.testing(Array(repeating: text, count: 2_000), time: time)
            sink.submit(batch, ticket: ticket)
            #expect(try settle(sink).map(\.storedCount) == [2_000])
            newest = Set((0..<batch.count).map { batch.document(at: $0).id.description })
        }
        _ = try settle(SQLiteSink(settings, backoff: .testing, logger: .testing, metrics: metrics))
        let left = try ids()
        #expect(left.isSuperset(of: newest) && left.count + Int(metrics.deleted.value) == 24_000)
        // A row of a page of 8 KiB each, in steps of 5,000.
        #expect(left.count > 2_000 && left.count < 8_000)
    }
}

extension SQLiteStatement {
    /// The first column of the first row.
    fileprivate func text() throws -> String? {
        try step() ? text(at: 0) : nil
    }
}
