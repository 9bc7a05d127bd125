import EventContract
import ServiceTesting
import Testing

@testable import RedisStreams

/// States of a real server in which it refuses work: the loop goes on, readiness says why, and nothing is lost.
@Suite("A server that refuses", .realRedis)
struct ServerStateTests {
    /// Writes and passes on one batch while `refuse` holds, and after `heal`.
    func expectRecovery(
        _ code: RedisError.Code, _ fixture: RedisFixture, refuse: () throws -> Void, heal: () throws -> Void
    ) throws {
        let reader = Client(fixture)
        let writer = reader.writer()
        let transformer = Client(fixture)
        let consumer = transformer.consumer()
        #expect(try consumer.next(count: 1, blockMilliseconds: 0) == [])
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        _ = try writer.drain(milliseconds: 30_000)
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 30_000).first)

        try refuse()
        writer.submit(.init(field: "f", previous: "1", next: "2", payload: payload()))
        consumer.commit(entry.id, output: payload())
        func tryAgain() throws {
            #expect(try writer.pump(waitMilliseconds: 30) == [])
            #expect(try consumer.next(count: 4, blockMilliseconds: 30).allSatisfy { $0.id != entry.id })
        }
        _ = try eventually("the refusal") {
            try tryAgain()
            return reader.link.fault?.code == code && transformer.link.fault?.code == code ? true : nil
        }
        for _ in 1...5 { try tryAgain() }
        #expect(reader.link.fault?.code == code && transformer.link.fault?.code == code)
        #expect(reader.states.last?.isReady == false && reader.states.count <= 4)
        #expect(writer.commitsUnconfirmed == 1 && consumer.commitsUnconfirmed == 1)

        try heal()
        #expect(try writer.drain(milliseconds: 30_000).outcomes == [.confirmed(field: "f", checkpoint: "2")])
        #expect(try consumer.drain(milliseconds: 30_000))
        #expect(reader.states.last?.isReady == true && transformer.states.last?.isReady == true)
        let next = try eventually("the second entry") {
            try consumer.next(count: 4, blockMilliseconds: 100).first ?? (consumer.entriesHeld == 1 ? entry : nil)
        }
        #expect(!next.id.isEmpty)
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(2))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(1))
    }

    @Test("OOM")
    func outOfMemory() throws {
        let fixture = try RedisFixture()
        try expectRecovery(.outOfMemory, fixture) {
            try fixture.call("CONFIG", "SET", "maxmemory", "1")
        } heal: {
            try fixture.call("CONFIG", "SET", "maxmemory", "0")
        }
    }

    @Test("READONLY")
    func readOnly() throws {
        let fixture = try RedisFixture()
        try expectRecovery(.readOnly, fixture) {
            try fixture.call("REPLICAOF", "127.0.0.1", .number(Int64(try freePort())))
        } heal: {
            try fixture.call("REPLICAOF", "NO", "ONE")
        }
    }

    @Test("MISCONF")
    func misconfigured() throws {
        let fixture = try RedisFixture(["--enable-protected-configs", "yes"])
        func save() throws {
            try fixture.call("BGSAVE")
            _ = try eventually("the end of the save") {
                let info = try fixture.call("INFO", "persistence").text ?? ""
                return info.contains("rdb_bgsave_in_progress:0") ? true : nil
            }
        }
        try expectRecovery(.misconfigured, fixture) {
            try fixture.call("CONFIG", "SET", "save", "3600 1")
            // Nobody, not even root, can write a file there.
            try fixture.call("CONFIG", "SET", "dir", "/proc")
            try save()
        } heal: {
            try fixture.call("CONFIG", "SET", "dir", .text(fixture.directory.path))
            try save()
        }
    }

    @Test("LOADING")
    func loading() throws {
        let fixture = try RedisFixture(["--appendfsync", "always"])
        try fixture.call("EVAL", "for i = 1, 6000 do redis.call('SET', 'key' .. i, 'x') end", "0")
        let client = Client(fixture)
        let writer = client.writer()
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        _ = try writer.drain(milliseconds: 30_000)
        writer.submit(.init(field: "f", previous: "1", next: "2", payload: payload()))
        fixture.kill9()
        // A quarter of a millisecond for each key, and a look at clients after each 1,024.
        try fixture.launch(["--key-load-delay", "250"])
        _ = try eventually("LOADING") {
            _ = try writer.pump(waitMilliseconds: 10)
            return client.link.fault?.code == .loading ? true : nil
        }
        #expect(client.states.last?.isReady == false)
        #expect(try writer.drain(milliseconds: 30_000).isComplete)
        let checkpoints = try eventually("the end of loading") { try writer.checkpoints(waitMilliseconds: 50) }
        #expect(checkpoints == ["f": "2"] && client.states.last?.isReady == true)
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(2))
    }

    @Test("An acknowledgement goes through when memory is full, because it is what frees it")
    func acknowledgeWhenFull() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let consumer = client.consumer(group: "opensearch", stream: client.keys.ecs, output: nil)
        _ = try consumer.next(count: 1, blockMilliseconds: 0)
        try fixture.call("XADD", "ids:ecs", "*", "b", .bytes(payload()))
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 30_000).first)
        try fixture.call("CONFIG", "SET", "maxmemory", "1")
        consumer.commit(entry.id, totals: [(.stored, 5)])
        #expect(try consumer.drain(milliseconds: 30_000))
        let trimmer = StreamTrimmer(link: client.link, stream: client.keys.ecs, requiredGroups: ["opensearch"])
        try trimmer.trim()
        #expect(trimmer.entriesTrimmed == 1)
        #expect(try fixture.call("HGET", "ids:totals:opensearch", "stored").text == "5")
    }

    @Test("WRONGTYPE stops the service with an error that names the reason")
    func wrongType() throws {
        let fixture = try RedisFixture()
        try fixture.call("SET", "ids:raw", "not a stream")
        let client = Client(fixture)
        let consumer = client.consumer()
        #expect { try consumer.next(count: 1, blockMilliseconds: 0) } throws: { error in
            (error as? RedisError)?.code == .wrongType
        }
        let writer = client.writer()
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        #expect { try writer.drain(milliseconds: 30_000) } throws: { error in
            (error as? RedisError)?.code == .wrongType
        }
        #expect(try fixture.call("EXISTS", "ids:checkpoint:pi") == .integer(0), "the transaction has changed nothing")
    }
}
