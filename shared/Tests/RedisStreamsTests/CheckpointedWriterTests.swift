import EventContract
import ServiceTesting
import Testing

@testable import RedisStreams

@Suite("Batches and positions move together", .realRedis)
struct CheckpointedWriterTests {
    static func commit(_ number: Int, field: String = "eve", payload: [UInt8]? = nil)
        -> CheckpointedWriter<Position>.Commit
    {
        .init(
            field: field, previous: number == 1 ? nil : "\(number - 1)", next: "\(number)",
            payload: payload ?? RedisStreamsTests.payload(), totals: [(.events, 2), (.bytes, 10)])
    }

    static func confirmed(_ numbers: ClosedRange<Int>, field: String = "eve") -> [CheckpointedWriter<Position>.Outcome]
    {
        numbers.map { .confirmed(field: field, checkpoint: "\($0)") }
    }

    @Test("Entry, checkpoint and totals are written together, several commits at a time")
    func pipelined() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let writer = client.writer()
        #expect(try writer.checkpoints(waitMilliseconds: 0) == [:])
        // Larger than what a socket takes at once.
        let large = [UInt8](repeating: 7, count: 3_000_000)
        for number in 1...4 {
            #expect(writer.hasRoom)
            writer.submit(Self.commit(number, payload: large))
        }
        #expect(!writer.hasRoom)
        let (outcomes, isComplete) = try writer.drain(milliseconds: 30_000)
        #expect(isComplete && outcomes == Self.confirmed(1...4))
        #expect(try writer.checkpoints(waitMilliseconds: 0) == ["eve": "4"])
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(4))
        #expect(try fixture.call("HGET", "ids:totals:eve-reader", "events").text == "8")
        let entry = try fixture.call("XRANGE", "ids:raw", "-", "+", "COUNT", "1").elements[0]
        #expect(entry.elements[1].fields["b"]?.bytes == large)
    }

    @Test("A batch is in flight until its outcome is taken")
    func untakenOutcome() throws {
        let fixture = try RedisFixture()
        let writer = Client(fixture).writer(inFlightMax: 2)
        _ = try writer.pump(waitMilliseconds: 0)
        writer.submit(Self.commit(1))
        _ = try eventually("the first entry") { try fixture.call("XLEN", "ids:raw") == .integer(1) ? true : nil }
        // Submitting takes in what Redis has answered.
        writer.submit(Self.commit(2))
        #expect(writer.commitsUnconfirmed == 2 && !writer.hasRoom)
        #expect(try writer.drain(milliseconds: 30_000).outcomes == Self.confirmed(1...2))
        #expect(writer.commitsUnconfirmed == 0)
    }

    @Test("A checkpoint alone can be moved, and removed")
    func checkpointOnly() throws {
        let fixture = try RedisFixture()
        let writer = Client(fixture).writer()
        writer.submit(.init(field: "f", previous: nil, next: "a"))
        #expect(try writer.drain(milliseconds: 30_000).outcomes == [.confirmed(field: "f", checkpoint: "a")])
        writer.submit(.init(field: "f", previous: "a", next: nil))
        let outcomes = try writer.drain(milliseconds: 30_000).outcomes
        #expect(outcomes == [.confirmed(field: "f", checkpoint: nil)])
        #expect(try fixture.call("EXISTS", "ids:checkpoint:pi", "ids:raw") == .integer(0))
    }

    @Test("A writer that builds on another position than the stored one writes nothing and is told")
    func stale() throws {
        let fixture = try RedisFixture()
        let writer = Client(fixture).writer()
        writer.submit(Self.commit(1))
        _ = try writer.drain(milliseconds: 30_000)
        try fixture.call("HSET", "ids:checkpoint:pi", "eve", "another")
        writer.submit(Self.commit(2))
        writer.submit(Self.commit(3))
        writer.submit(Self.commit(1, field: "other"))
        let outcomes = try writer.drain(milliseconds: 30_000).outcomes
        #expect(outcomes.contains(.stale(field: "eve", stored: "another")))
        #expect(outcomes.contains(.confirmed(field: "other", checkpoint: "1")) && outcomes.count == 2)
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(2))
    }

    @Test("Commits whose replies were lost are neither lost nor doubled", arguments: [0, 1, 2, 3])
    func lostReplies(carriedOut: Int) throws {
        let fixture = try RedisFixture()
        let first = Client(fixture)
        let writer = first.writer()
        _ = try writer.pump(waitMilliseconds: 0)
        // What another connection has done in the name of this writer is what a lost reply looks like.
        fixture.pause()
        for number in 1...3 { writer.submit(Self.commit(number)) }
        first.link.close()
        fixture.resume()
        let helper = Client(fixture).writer()
        let before = try fixture.call("XLEN", "ids:raw").integer ?? 0
        for number in 1...3 where number <= carriedOut && number > Int(before) {
            helper.submit(Self.commit(number))
            _ = try helper.drain(milliseconds: 30_000)
        }
        let (outcomes, isComplete) = try writer.drain(milliseconds: 30_000)
        #expect(isComplete && outcomes == Self.confirmed(1...3))
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(3))
        #expect(try fixture.call("HGET", "ids:totals:eve-reader", "events").text == "6")
    }

    @Test("A server killed and restarted over and over ends with each batch once")
    func kills() throws {
        let fixture = try RedisFixture(["--appendfsync", "always"])
        let writer = Client(fixture).writer()
        var outcomes: [CheckpointedWriter<Position>.Outcome] = []
        for number in 1...60 {
            if number % 20 == 0 {
                fixture.kill9()
                try fixture.restart()
            }
            while !writer.hasRoom { outcomes += try writer.pump(waitMilliseconds: 100) }
            writer.submit(Self.commit(number))
        }
        outcomes += try writer.drain(milliseconds: 30_000).outcomes
        #expect(outcomes == Self.confirmed(1...60))
        #expect(writer.mayHaveLost)
        #expect(try writer.checkpoints(waitMilliseconds: 0) == ["eve": "60"])
        #expect(!writer.mayHaveLost)
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(60))
    }

    @Test("A server that has lost its last second makes the reader go back to what is stored")
    func rollback() throws {
        let fixture = try RedisFixture()
        let writer = Client(fixture).writer()
        writer.submit(Self.commit(1))
        _ = try writer.drain(milliseconds: 30_000)
        #expect(try writer.checkpoints(waitMilliseconds: 0) == ["eve": "1"])
        #expect(!writer.mayHaveLost)
        try fixture.call("FLUSHALL")
        writer.submit(Self.commit(2))
        #expect(try writer.drain(milliseconds: 30_000).outcomes == [.stale(field: "eve", stored: nil)])
    }

    @Test("Dead letters are bounded by number and by memory, and what is trimmed is counted")
    func deadLetters() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture) {
            $0.deadLettersMax = 100
            $0.deadLetterBytesMax = 1 << 20
        }
        let writer = client.writer()
        func bury(_ size: Int, commits: ClosedRange<Int>) throws {
            for number in commits {
                let letter = [UInt8](repeating: 120, count: size).withUnsafeBytes { bytes in
                    DeadLetter(reason: "too long", origin: .init(service: "eve-reader"), time: 0, bytes: bytes)
                }
                writer.submit(
                    .init(
                        field: "f", previous: number == 1 ? nil : "\(number - 1)", next: "\(number)",
                        dead: Array(repeating: letter, count: 10), totals: [(.rejected, 10)]))
                let isComplete = try writer.drain(milliseconds: 30_000).isComplete
                try #require(isComplete)
            }
        }
        try bury(10, commits: 1...100)
        let length = try #require(try fixture.call("XLEN", "ids:dead").integer)
        #expect((100...250).contains(length))
        let totals = try fixture.call("HMGET", "ids:totals:dead", "written", "trimmed").elements.map(\.integer)
        #expect(totals == [1_000, 1_000 - length])
        try bury(100_000, commits: 101...110)
        #expect(try #require(try fixture.call("MEMORY", "USAGE", "ids:dead").integer) <= 1_300_000)
        #expect(try fixture.call("HGET", "ids:totals:eve-reader", "rejected").text == "1100")
    }

    @Test("Letters that their stream takes no more hold nothing up: they are counted as lost, and that is said")
    func lostLetters() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let (writer, consumer) = (client.writer(), client.consumer())
        try fixture.call("XADD", "ids:dead", lastID, "reason", "none")
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload(), dead: [letter(), letter()]))
        #expect(try writer.drain(milliseconds: 30_000).outcomes == [.confirmed(field: "f", checkpoint: "1")])
        #expect(try fixture.call("HGETALL", "ids:totals:dead").fields.mapValues(\.text) == ["lost": "2"])
        #expect(client.letterStates.map(\.areKept) == [false])
        #expect(client.letterStates[0].reason.contains("ids:dead") && client.link.fault == nil)

        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 0).first)
        consumer.commit(entry.id, output: payload(), dead: [letter()])
        #expect(try consumer.drain(milliseconds: 30_000))
        #expect(try fixture.call("HGET", "ids:totals:dead", "lost").text == "3")
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(1))
        // A commit without letters tells nothing about them.
        writer.submit(.init(field: "f", previous: "1", next: "2", payload: payload()))
        _ = try writer.drain(milliseconds: 30_000)
        #expect(client.letterStates.map(\.areKept) == [false])

        try fixture.call("RENAME", "ids:dead", "kept")
        writer.submit(.init(field: "f", previous: "2", next: "3", dead: [letter()]))
        _ = try writer.drain(milliseconds: 30_000)
        #expect(client.letterStates.map(\.areKept) == [false, true])
        #expect(try fixture.call("XLEN", "ids:dead") == .integer(1))
        #expect(try fixture.call("HGET", "ids:totals:dead", "written").text == "1")
    }

    @Test("A stream that takes nothing more is waited for: no position moves without its entry")
    func exhaustedStreams() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture) { $0.backoffMaxMilliseconds = 50 }
        let (writer, consumer) = (client.writer(), client.consumer())
        try fixture.call("XADD", "ids:raw", "1-1", "b", .bytes(payload()))
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 0).first)
        for stream in ["ids:raw", "ids:ecs"] as [RedisArgument] {
            try fixture.call("XADD", stream, lastID, "b", "none")
            // Removing it alone does not help.
            try fixture.call("XDEL", stream, lastID)
        }
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        consumer.commit(entry.id, output: payload())
        #expect(try !writer.drain(milliseconds: 200).isComplete)
        #expect(try !consumer.drain(milliseconds: 200))
        #expect(client.link.fault?.message.contains("ids:") == true)
        #expect(try fixture.call("EXISTS", "ids:checkpoint:pi") == .integer(0))
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(1))

        try fixture.call("DEL", "ids:ecs")
        #expect(try consumer.drain(milliseconds: 30_000))
        try fixture.call("DEL", "ids:raw")
        #expect(try writer.drain(milliseconds: 30_000).outcomes == [.confirmed(field: "f", checkpoint: "1")])
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(1))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(1))
    }
}
