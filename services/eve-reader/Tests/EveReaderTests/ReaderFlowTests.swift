import Glibc
import Lifecycle
import Processes
import RedisStreams
import ServiceTesting
import Settings
import Testing

@testable import EveReader

/// The reader with a real Redis.
@Suite("From file to stream")
struct ReaderFlowTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory("eve")
        path = directory.file("eve.json")
    }

    /// What a reader that meets no fault makes of the file as it is now.
    private func faultlessEvents() -> [SourceRun.Event] {
        let run = SourceRun(path, boot: FilePlace.currentBoot()) { $1.limits = .init(bytes: 1 << 20, events: 10_000) }
        run.round()
        return run.events
    }

    @Test("Lines arrive, and after a stop reading goes on behind them")
    func flow() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        file.write(lines: eve(1...500))
        let first = ReaderRun(path, redis: redis.options)
        #expect(try eventually { try redis.total("events") == 500 })
        #expect(first.readiness.isReady)
        file.write(lines: eve(501...510))
        #expect(try eventually { try redis.total("events") == 510 })
        #expect(first.stop() == nil)
        #expect(first.value("events_total") == 510)

        file.write(lines: eve(511...520))
        let second = ReaderRun(path, redis: redis.options)
        #expect(try eventually { try redis.total("events") == 520 })
        #expect(second.stop() == nil)
        #expect(second.value("events_total") == 10)
        #expect(try redis.events() == faultlessEvents())
        #expect(try redis.total("bytes") == Int64(eve(1...520).reduce(0) { $0 + $1.utf8.count }))
    }

    @Test("What was gone before it could be read is counted in Redis, once")
    func loss() throws {
        let redis = try RedisFixture()
        try WrittenFile(path).write(lines: eve(1...5))
        let killed = SourceRun(path, boot: FilePlace.currentBoot()) { $1.limits.events = 3 }
        killed.round(batches: 1)
        for (field, text) in killed.stored {
            _ = try redis.call("HSET", "ids:checkpoint:sensor", .text(field), .text(text))
        }
        unlink(path)
        try WrittenFile(path).write(lines: eve(11...12))
        let lostBytes = eve(4...5).reduce(0) { $0 + Int64($1.utf8.count) + 1 }
        for _ in 1...2 {
            let run = ReaderRun(path, redis: redis.options)
            #expect(try eventually { try redis.total("lost_bytes") == lostBytes })
            #expect(try eventually { try redis.total("events") == 2 })
            #expect(run.stop() == nil)
        }
        #expect(try redis.total("lost_bytes") == lostBytes)
        #expect(try redis.total("unread_at_reboot_bytes") == 0)
    }

    @Test("Canaries go beside what is read, each once, and go on behind one that Redis has lost")
    func canaries() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        file.write(lines: eve(1...20))
        /// Another checkpoint than the reader knows, as after the loss of Redis' last second.
        for stored in [nil, "time=1"] {
            let before = try redis.total("canaries")
            let run = ReaderRun(path, redis: redis.options, canaryMilliseconds: 20)
            #expect(try eventually { try redis.total("canaries") > before })
            if let stored {
                try redis.call("HSET", "ids:checkpoint:sensor", "canary", .text(stored))
            } else {
                try redis.call("HDEL", "ids:checkpoint:sensor", "canary")
            }
            let between = try redis.total("canaries")
            #expect(try eventually { try redis.total("canaries") > between + 2 })
            #expect(run.stop() == nil)
        }
        let made = try redis.total("canaries")
        // Neither one that makes none nor a single pass minds the checkpoint of those that did.
        file.write(lines: eve(21...30))
        let other = ReaderRun(path, redis: redis.options)
        #expect(try eventually { try redis.total("events") == 30 + made })
        #expect(other.stop() == nil)
        file.write(lines: eve(31...40))
        let once = ReaderRun(path, redis: redis.options, canaryMilliseconds: 1) { $0.once = true }
        #expect(once.wait() == nil)

        let events = try redis.events()
        #expect(try redis.total("canaries") == made && redis.total("events") == 40 + made)
        #expect(Set(events).count == events.count && events.count == Int(40 + made))
        #expect(Set(faultlessEvents()).isSubset(of: events))
    }

    @Test("A single pass ends by itself, also over a file that was read before")
    func once() throws {
        let redis = try RedisFixture()
        try WrittenFile(path).write(eve(1...3000).joined(separator: "\n"))
        for _ in 1...2 {
            let run = ReaderRun(path, redis: redis.options) {
                $0.once = true
                $0.batchEvents = 10
            }
            #expect(run.wait() == nil)
            #expect(try redis.total("events") == 3000)
        }
        #expect(try redis.events().map(\.line) == eve(1...3000))
    }

    @Test("A single pass over nothing is a fault")
    func onceWithoutFile() throws {
        let redis = try RedisFixture()
        let run = ReaderRun(path, redis: redis.options) { $0.once = true }
        #expect(run.wait() == "not everything could be read: \(path): no such file yet")
    }

    @Test("An oversize line is a dead letter that redis-cli can show, also when it is all there is")
    func deadLetter() throws {
        let redis = try RedisFixture()
        try WrittenFile(path).write(lines: [String(repeating: "x", count: 5000)])
        let run = ReaderRun(path, redis: redis.options) { $0.lineBytesMax = 4096 }
        #expect(try eventually { try redis.total("rejected") == 1 })
        run.stop()
        let fields = try redis.call("XRANGE", "ids:dead", "-", "+").elements[0].elements[1].elements.map(\.text)
        #expect(fields[0] == "reason" && fields[1] == "the line is too long: 5000 bytes")
        #expect(fields[2] == "service" && fields[3] == "eve-reader")
        #expect(try redis.call("EXISTS", "ids:raw").integer == 0)
        #expect(try redis.total("events") == 0)
    }

    @Test("A process that is killed again and again in the middle leaves each event once, with the same ids")
    func killed() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        var reader = Program(
            builtProgram("eve-reader"),
            [
                "--eve", path, "--set", "redis.port=\(redis.port)", "--set", "sensor.name=sensor", "--set",
                "eve_reader.batch_events=50", "--set", "eve_reader.http_port=\(try freePort())",
            ])
        reader.output = .file(directory.file("reader.log"))
        for round in 0..<6 {
            file.write(lines: eve(round * 5000 + 1...round * 5000 + 5000))
            let killed = try ChildProcess(reader)
            let target = Int64(round * 5000 + 1000)
            #expect(try eventually { try redis.total("events") >= target })
            killed.kill()
        }
        let last = try ChildProcess(reader)
        #expect(try eventually { try redis.total("events") == 30_000 })
        last.stop(graceMilliseconds: 30_000)
        #expect(try redis.events() == faultlessEvents())
    }

    @Test("A Redis that is not there at the start is waited for, while rotated files stay open")
    func redisAbsent() throws {
        let redis = try RedisFixture()
        redis.kill9()
        let file = try WrittenFile(path)
        file.write(lines: eve(1...3))
        let run = ReaderRun(path, redis: redis.options)
        #expect(eventually { run.reason("redis")?.contains("connect") ?? false && run.reason("eve") == nil })
        file.rename(to: path + ".1")
        try WrittenFile(path).write(lines: eve(4...5))
        unlink(path + ".1")
        try redis.restart()
        #expect(try eventually { try redis.total("events") == 5 })
        #expect(run.stop() == nil)
        #expect(Set(try redis.events().map(\.line)) == Set(eve(1...5)))
    }

    @Test("A Redis that is killed in the middle and comes back, perhaps older, has each event once in the end")
    func redisKilled() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        let run = ReaderRun(path, redis: redis.options) { $0.batchEvents = 20 }
        for round in 0..<3 {
            file.write(lines: eve(round * 4000 + 1...round * 4000 + 4000))
            #expect(try eventually { try redis.total("events") > Int64(round * 4000) })
            redis.kill9()
            try redis.restart()
        }
        #expect(try eventually { try redis.total("events") == 12_000 })
        #expect(run.stop() == nil)
        #expect(try redis.events() == faultlessEvents())
    }

    @Test("A full Redis is waited for; the time counts as backpressure")
    func redisFull() throws {
        let redis = try RedisFixture(["--maxmemory", "4mb"])
        let file = try WrittenFile(path)
        // The reader is not to stop by itself before Redis refuses.
        var settings = redis.options
        settings.memoryMaxPercent = 1_000
        let run = ReaderRun(path, redis: settings) { $0.compressionLevel = 0 }
        file.write(lines: eve(1...80_000))
        #expect(eventually { run.reason("redis")?.contains("outOfMemory") ?? false })
        try redis.call("CONFIG", "SET", "maxmemory", "0")
        #expect(try eventually { try redis.total("events") == 80_000 })
        #expect(run.stop() == nil)
        #expect(run.value("backpressure_seconds_total") > 0)
        #expect(try redis.events() == faultlessEvents())
    }

    @Test("A stream that has reached its budget stops reading until there is room")
    func budget() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        file.write(lines: eve(1...80_000))
        let run = ReaderRun(path, redis: redis.options) {
            $0.compressionLevel = 0
            $0.streamBytesMax = 1 << 20
        }
        // Whether nothing is read for a while in which there is no room.
        func standsStill() throws -> Bool {
            let (read, waited) = (try redis.total("events"), run.value("backpressure_seconds_total"))
            return try eventually { run.value("backpressure_seconds_total") > waited + 0.3 }
                && redis.total("events") == read
        }
        #expect(try eventually { try redis.total("events") > 0 && standsStill() })
        #expect(try redis.total("events") < 20_000)
        // What a consumer would do: acknowledge, and have the stream trimmed.
        while try redis.total("events") < 80_000 {
            try redis.call("XTRIM", "ids:raw", "MAXLEN", "0")
            StopSignal().wait(milliseconds: 20)
        }
        #expect(run.stop() == nil)
    }

    @Test("A checkpoint that somebody has changed is where reading goes on")
    func stale() throws {
        let redis = try RedisFixture()
        let file = try WrittenFile(path)
        file.write(lines: eve(1...10))
        let run = ReaderRun(path, redis: redis.options)
        #expect(try eventually { try redis.total("events") == 10 })
        try redis.call("DEL", "ids:checkpoint:sensor")
        file.write(lines: eve(11...20))
        #expect(try eventually { try redis.total("events") == 30 })
        #expect(run.stop() == nil)
        let events = try redis.events()
        #expect(Array(events.suffix(20)) == faultlessEvents())
        #expect(Set(events).count == 20)
    }

    @Test("A key of the wrong type ends the reader with the reason")
    func wrongType() throws {
        let redis = try RedisFixture()
        try redis.call("SET", "ids:checkpoint:sensor", "x")
        try WrittenFile(path).write(lines: eve(1...1))
        let run = ReaderRun(path, redis: redis.options)
        #expect(run.wait()?.contains("WRONGTYPE") ?? false)
    }

    @Test("A missing file is a reason for not being ready; the log comes once per change")
    func notReady() throws {
        let redis = try RedisFixture()
        let run = ReaderRun(path, redis: redis.options)
        #expect(eventually { run.reason("eve") == "\(path): no such file yet" })
        try WrittenFile(path).write(lines: eve(1...1))
        #expect(eventually { run.readiness.isReady })
        #expect(run.stop() == nil)
    }
}
