import EventContract
import ServiceTesting
import Testing

@testable import RedisStreams

@Suite("A consumer of a group", .realRedis)
struct StreamConsumerTests {
    /// Adds entries and gives their ids.
    @discardableResult
    static func add(_ count: Int, to fixture: RedisFixture, stream: RedisArgument = "ids:raw") throws -> [String] {
        try (0..<count).map { number in
            try fixture.call("XADD", stream, "*", "b", .bytes(payload(["{\"n\":\(number)}"]))).text ?? ""
        }
    }

    @Test("Entries come in order, and their commit is one transaction")
    func commit() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(3, to: fixture)
        let consumer = Client(fixture).consumer()
        let entries = try consumer.next(count: 2, blockMilliseconds: 0) + consumer.next(count: 2, blockMilliseconds: 0)
        #expect(entries.map(\.id) == ids && consumer.entriesHeld == 3)
        for entry in entries {
            consumer.commit(entry.id, output: payload(["out"]), totals: [("events", 1), ("rejected", 0)])
        }
        #expect(try consumer.drain(milliseconds: 5_000))
        #expect(consumer.entriesHeld == 0 && consumer.commitsUnconfirmed == 0 && consumer.entriesLost == 0)
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(3))
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(0))
        #expect(try fixture.call("HGET", "ids:totals:ecs-transformer", "events").text == "3")
    }

    @Test("Of each sensor the counters of the newest entry are kept, in whichever order entries are finished")
    func latest() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(3, to: fixture)
        let (one, two) = (Client(fixture).consumer("one"), Client(fixture).consumer("two"))
        _ = try one.next(count: 1, blockMilliseconds: 0)
        _ = try two.next(count: 2, blockMilliseconds: 0)
        two.commit(ids[1], output: payload(["out"]), latest: (sensor: "pi", bytes: Array("second".utf8)))
        #expect(try two.drain(milliseconds: 5_000))
        #expect(try fixture.call("HGET", "ids:suricata", "pi").text == "\(ids[1]) second")
        one.commit(ids[0], output: payload(["out"]), latest: (sensor: "pi", bytes: Array("first".utf8)))
        #expect(try one.drain(milliseconds: 5_000))
        #expect(try fixture.call("HGETALL", "ids:suricata").fields.mapValues(\.text) == ["pi": "\(ids[1]) second"])
        two.commit(ids[2], output: payload(["out"]), latest: (sensor: "other", bytes: Array("third".utf8)))
        #expect(try two.drain(milliseconds: 5_000))
        #expect(try fixture.call("HLEN", "ids:suricata") == .integer(2))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(3))
    }

    @Test("No more entries are held than allowed, and room comes back with the confirmations")
    func bound() throws {
        let fixture = try RedisFixture()
        try Self.add(5, to: fixture)
        let consumer = Client(fixture).consumer(heldMax: 3)
        let entries = try consumer.next(count: 10, blockMilliseconds: 0)
        #expect(entries.count == 3)
        #expect(try consumer.next(count: 10, blockMilliseconds: 20) == [])
        consumer.commit(entries[1].id)
        #expect(try consumer.next(count: 10, blockMilliseconds: 1_000).count == 1)
        #expect(consumer.entriesHeld == 3)
    }

    @Test("A blocked read gets an entry as soon as it is there")
    func blocking() throws {
        let fixture = try RedisFixture()
        let consumer = Client(fixture).consumer()
        _ = try consumer.next(count: 1, blockMilliseconds: 0)
        let writer = Client(fixture).writer()
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        _ = try writer.drain(milliseconds: 5_000)
        #expect(try consumer.next(count: 1, blockMilliseconds: 30_000).count == 1)
    }

    @Test("After a restart the consumer first gets what was pending for it, each once")
    func restart() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(4, to: fixture)
        let first = Client(fixture).consumer()
        let taken = try first.next(count: 3, blockMilliseconds: 0)
        first.commit(taken[0].id)
        #expect(try first.drain(milliseconds: 5_000))

        let second = Client(fixture).consumer()
        let recovered = try second.next(count: 8, blockMilliseconds: 0)
        #expect(recovered.map(\.id) == Array(ids[1...2]))
        #expect(recovered.allSatisfy(\.isRedelivered) && !taken.contains(where: \.isRedelivered))
        let new = try second.next(count: 8, blockMilliseconds: 0)
        #expect(new.map(\.id) == [ids[3]] && !new[0].isRedelivered)
        // The process that was taken for dead wakes up: its commit changes nothing twice.
        first.commit(taken[1].id, output: payload())
        second.commit(ids[1], output: payload())
        #expect(try first.drain(milliseconds: 5_000) && second.drain(milliseconds: 5_000))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(1))
    }

    @Test("After a lost connection held entries are not given again, and unconfirmed commits are repeated")
    func reconnect() throws {
        let fixture = try RedisFixture(["--appendfsync", "always"])
        try Self.add(3, to: fixture)
        let client = Client(fixture)
        let consumer = client.consumer()
        let entries = try consumer.next(count: 2, blockMilliseconds: 0)
        consumer.commit(entries[0].id, output: payload())
        let since = consumer.readingSince
        fixture.kill9()
        try fixture.restart()
        let later = try eventually("the third entry") { try consumer.next(count: 8, blockMilliseconds: 50).first }
        #expect(!entries.map(\.id).contains(later.id))
        #expect(since > 0 && consumer.readingSince > since)
        consumer.commit(entries[1].id, output: payload())
        consumer.commit(later.id, output: payload())
        #expect(try consumer.drain(milliseconds: 10_000))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(3))
        #expect(client.link.epoch >= 2)
    }

    @Test("Entries whose delivery was lost with the connection come again")
    func lostDelivery() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(2, to: fixture)
        let client = Client(fixture)
        let consumer = client.consumer()
        _ = try consumer.next(count: 1, blockMilliseconds: 0)
        // Redis believes that the second one was delivered to this consumer, which has never seen it.
        try fixture.call("XREADGROUP", "GROUP", "ecs-transformer", "one", "COUNT", "1", "STREAMS", "ids:raw", ">")
        client.link.close()
        #expect(try consumer.next(count: 8, blockMilliseconds: 0).map(\.id) == [ids[1]])
    }

    @Test("Entries of a silent consumer are taken over, those of a living one are not")
    func claim() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(2, to: fixture)
        let alive = Client(fixture).consumer("alive", claimAfterMilliseconds: 400)
        let dead = Client(fixture).consumer("dead", claimAfterMilliseconds: 400)
        let other = Client(fixture).consumer("other", claimAfterMilliseconds: 400)
        #expect(try alive.next(count: 1, blockMilliseconds: 0).map(\.id) == [ids[0]])
        #expect(try dead.next(count: 1, blockMilliseconds: 0).map(\.id) == [ids[1]])
        let claimed = try eventually("the claim") {
            // What keeps the held entry of the living one fresh happens in its own calls.
            _ = try alive.next(count: 1, blockMilliseconds: 0)
            let entries = try other.next(count: 8, blockMilliseconds: 10)
            return entries.isEmpty && alive.entriesHeld + other.entriesHeld < 2 ? nil : entries.map(\.id)
        }
        #expect(claimed == [ids[1]] || alive.entriesHeld == 2)
        #expect(other.entriesClaimed + alive.entriesClaimed == 1)
        dead.commit(ids[1], output: payload())
        #expect(try dead.drain(milliseconds: 5_000))
        #expect(dead.entriesLost == 1)
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(0))
    }

    @Test("Consumers that are gone for good are removed, but never one that holds something")
    func sweep() throws {
        let fixture = try RedisFixture()
        try Self.add(1, to: fixture)
        try fixture.call("XGROUP", "CREATE", "ids:raw", "ecs-transformer", "0")
        try fixture.call("XGROUP", "CREATECONSUMER", "ids:raw", "ecs-transformer", "idle")
        try fixture.call("XREADGROUP", "GROUP", "ecs-transformer", "holding", "STREAMS", "ids:raw", ">")
        let names = try eventually("the removal") {
            let consumer = Client(fixture) { $0.consumerIdleMaxMilliseconds = 1 }.consumer("living")
            _ = try consumer.next(count: 1, blockMilliseconds: 0)
            let infos = try fixture.call("XINFO", "CONSUMERS", "ids:raw", "ecs-transformer").elements
            let names = infos.compactMap { $0[field: "name"]?.text }
            return names.contains("idle") ? nil : names
        }
        #expect(Set(names) == ["holding", "living"])
    }

    @Test("A group or stream that is gone is made again and read from its start", arguments: [true, false])
    func missingGroup(isStreamGone: Bool) throws {
        let fixture = try RedisFixture()
        try Self.add(1, to: fixture)
        let client = Client(fixture)
        let consumer = client.consumer()
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 0).first)
        if isStreamGone {
            try fixture.call("DEL", "ids:raw")
        } else {
            try fixture.call("XGROUP", "DESTROY", "ids:raw", "ecs-transformer")
        }
        consumer.commit(entry.id, output: payload())
        let ids = try Self.add(1, to: fixture)
        let next = try eventually("the entries") {
            let entries = try consumer.next(count: 8, blockMilliseconds: 50)
            return entries.isEmpty ? nil : entries.map(\.id)
        }
        #expect(next == (isStreamGone ? ids : [entry.id] + ids))
        #expect(client.link.fault == nil)
    }

    @Test("A stream that vanishes under a blocked read does not stop the loop")
    func unblocked() throws {
        let fixture = try RedisFixture()
        let consumer = Client(fixture).consumer()
        _ = try consumer.next(count: 1, blockMilliseconds: 0)
        try fixture.call(
            "EVAL", "redis.call('DEL', 'ids:raw')", "1", "ids:raw")
        #expect(try consumer.next(count: 1, blockMilliseconds: 20) == [])
        let ids = try Self.add(1, to: fixture)
        let next = try eventually("the entry") { try consumer.next(count: 1, blockMilliseconds: 50).first }
        #expect(next.id == ids[0])
    }

    @Test("An entry that is no batch becomes a dead letter and is acknowledged")
    func garbage() throws {
        let fixture = try RedisFixture()
        try fixture.call("XADD", "ids:raw", "*", "b", "IDSX nonsense")
        try fixture.call("XADD", "ids:raw", "*", "hello", "world", "x", "y")
        let consumer = Client(fixture).consumer()
        let entries = try consumer.next(count: 8, blockMilliseconds: 0)
        for entry in entries { #expect(try consumer.rawBatch(of: entry) == nil) }
        #expect(entries.count == 2)
        #expect(try consumer.drain(milliseconds: 5_000))
        let letters = try fixture.call("XRANGE", "ids:dead", "-", "+").elements.map { $0.elements[1] }
        #expect(letters.map { $0[field: "bytes"]?.text } == ["IDSX nonsense", "hello world x y"])
        #expect(letters.map { $0[field: "reason"]?.text } == ["the entry is not a batch", "the entry is not a batch"])
        #expect(letters.map { $0[field: "entry"]?.text } == entries.map(\.id))
        #expect(try fixture.call("HGET", "ids:totals:ecs-transformer", "rejected").text == "2")
    }

    @Test("A batch of a newer layout stops the consumer and stays pending")
    func newerVersion() throws {
        let fixture = try RedisFixture()
        try fixture.call("XADD", "ids:raw", "*", "b", .bytes(payload(version: 2)))
        let consumer = Client(fixture).consumer()
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 0).first)
        #expect(throws: ContractError.newerVersion(2)) { try consumer.rawBatch(of: entry) }
        #expect(throws: ContractError.newerVersion(2)) { try consumer.documentBatch(of: entry) }
        #expect(try consumer.drain(milliseconds: 1_000))
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(1))
        #expect(try fixture.call("EXISTS", "ids:dead") == .integer(0))
    }

    @Test("Entries that a trim has removed before they were read again are passed over")
    func trimmedWhilePending() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(2, to: fixture)
        _ = try Client(fixture).consumer().next(count: 2, blockMilliseconds: 0)
        try fixture.call("XDEL", "ids:raw", .text(ids[0]))
        let consumer = Client(fixture).consumer()
        #expect(try consumer.next(count: 8, blockMilliseconds: 0).map(\.id) == [ids[1]])
        #expect(try consumer.drain(milliseconds: 5_000))
        #expect(consumer.entriesLost == 1 && consumer.entriesHeld == 1)
    }

    @Test("A server killed and restarted over and over ends with each entry passed on once")
    func kills() throws {
        let fixture = try RedisFixture(["--appendfsync", "always"])
        try Self.add(60, to: fixture)
        let consumer = Client(fixture).consumer(heldMax: 4)
        var passed = 0
        var rounds = 0
        while passed < 60 || consumer.commitsUnconfirmed > 0 {
            for entry in try consumer.next(count: 3, blockMilliseconds: 20) {
                consumer.commit(entry.id, output: entry.payload, totals: [("events", 1)])
                passed += 1
            }
            rounds += 1
            if rounds % 7 == 0, passed < 60 {
                fixture.kill9()
                try fixture.restart()
            }
            try #require(rounds < 1_000)
        }
        let events = try fixture.call("HGET", "ids:totals:ecs-transformer", "events").integer
        #expect(events == 60)
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(60))
    }
}
