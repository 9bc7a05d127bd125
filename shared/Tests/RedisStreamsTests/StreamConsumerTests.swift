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
            consumer.commit(entry.id, output: payload(["out"]), totals: [(.events, 1), (.rejected, 0)])
        }
        #expect(try consumer.drain(milliseconds: 30_000))
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
        two.commit(
            ids[1], output: payload(["out"]), latest: .init(Array("second".utf8), field: "pi", of: "ids:suricata"))
        #expect(try two.drain(milliseconds: 30_000))
        #expect(try fixture.call("HGET", "ids:suricata", "pi").text == "\(ids[1]) second")
        one.commit(
            ids[0], output: payload(["out"]), latest: .init(Array("first".utf8), field: "pi", of: "ids:suricata"))
        #expect(try one.drain(milliseconds: 30_000))
        #expect(try fixture.call("HGETALL", "ids:suricata").fields.mapValues(\.text) == ["pi": "\(ids[1]) second"])
        two.commit(
            ids[2], output: payload(["out"]), latest: .init(Array("third".utf8), field: "other", of: "ids:suricata"))
        #expect(try two.drain(milliseconds: 30_000))
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
        #expect(try consumer.next(count: 10, blockMilliseconds: 30_000).count == 1)
        #expect(consumer.entriesHeld == 3)
    }

    @Test("A blocked read gets an entry as soon as it is there")
    func blocking() throws {
        let fixture = try RedisFixture()
        let consumer = Client(fixture).consumer()
        _ = try consumer.next(count: 1, blockMilliseconds: 0)
        let writer = Client(fixture).writer()
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        _ = try writer.drain(milliseconds: 30_000)
        #expect(try consumer.next(count: 1, blockMilliseconds: 30_000).count == 1)
    }

    @Test("After a restart the consumer first gets what was pending for it, each once")
    func restart() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(4, to: fixture)
        let first = Client(fixture).consumer()
        let taken = try first.next(count: 3, blockMilliseconds: 0)
        first.commit(taken[0].id)
        #expect(try first.drain(milliseconds: 30_000))

        let second = Client(fixture).consumer()
        for id in ids[1...2] {
            // What was delivered before is worked on alone.
            let recovered = try eventually("the entry") { try second.next(blockMilliseconds: 50) }
            #expect(recovered.id == id && recovered.isRedelivered)
            #expect(try second.next(blockMilliseconds: 0) == nil)
            second.commit(id, output: payload())
        }
        let new = try eventually("the new entry") { try second.next(blockMilliseconds: 50) }
        #expect(new.id == ids[3] && !new.isRedelivered && !taken.contains(where: \.isRedelivered))
        // The process that was taken for dead wakes up: its commit changes nothing twice.
        first.commit(taken[1].id, output: payload())
        #expect(try first.drain(milliseconds: 30_000) && second.drain(milliseconds: 30_000))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(2))
    }

    @Test("An entry that nobody gets through with becomes a dead letter, whole, and stops nothing")
    func givenUp() throws {
        let fixture = try RedisFixture()
        // Larger than any reply that is read: whoever is given it loses its connection.
        let huge = [UInt8](repeating: 120, count: RedisConnection.replyBytesMax + 1)
        let sizes = [("small", payload()), ("huge", huge)]
        for (name, bytes) in sizes {
            try fixture.call("XADD", "ids:raw", "*", "b", .bytes(bytes))
            if name == "small" {
                for _ in 1...3 {
                    let consumer = Client(fixture) { $0.deliveriesMax = 3 }.consumer()
                    #expect(try consumer.next(blockMilliseconds: 100) != nil)
                }
            }
        }
        let last = try Self.add(1, to: fixture)[0]
        let consumer = Client(fixture) { ($0.deliveriesMax, $0.backoffMaxMilliseconds) = (3, 50) }.consumer()
        let next = try eventually("the entry behind them") { try consumer.next(blockMilliseconds: 50) }
        #expect(next.id == last && !next.isRedelivered && consumer.entriesGivenUp == 2)
        let letters = try fixture.call("XRANGE", "ids:dead", "-", "+").elements.map { $0.elements[1] }
        #expect(letters.map { $0.fields["bytes"]?.bytes?.count } == [payload().count, BatchHeader.payloadBytesMax])
        #expect(letters.map { $0.fields["size"]?.integer } == sizes.map { Int64($0.1.count) })
        #expect(letters.allSatisfy { $0.fields["attempt"]?.text == "3" })
        #expect(letters.allSatisfy { $0.fields["reason"]?.text?.hasPrefix("delivered 3 times") == true })
        #expect(try fixture.call("HGET", "ids:totals:ecs-transformer", "rejected").text == "2")
        #expect(try fixture.call("XPENDING", "ids:raw", "ecs-transformer").elements[0] == .integer(1))
    }

    @Test("Neither waiting for a store nor an orderly stop counts as a delivery that came to nothing")
    func uncharged() throws {
        let fixture = try RedisFixture()
        try Self.add(1, to: fixture)
        let deliveries = {
            try fixture.call("XPENDING", "ids:raw", "ecs-transformer", "-", "+", "1").elements.first?.elements.last?
                .integer
        }
        let holding = Client(fixture).consumer()
        try fixture.call("XGROUP", "CREATE", "ids:raw", "ecs-transformer", "0")
        try fixture.call("XREADGROUP", "GROUP", "ecs-transformer", "one", "STREAMS", "ids:raw", ">")
        #expect(try holding.next(blockMilliseconds: 0)?.isRedelivered == true)
        _ = try eventually("the touch") {
            _ = try holding.next(blockMilliseconds: 0)
            return try deliveries() == 1 ? true : nil
        }
        let client = Client(fixture)
        let stopped = client.consumer()
        #expect(try stopped.next(blockMilliseconds: 0) != nil)
        #expect(try deliveries() == 2)
        client.stop.stop()
        #expect(try stopped.drain(milliseconds: 30_000))
        #expect(try deliveries() == 1)
    }

    @Test("What waits for a store for long does not keep the others from it")
    func waitingBesideOthers() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(3, to: fixture)
        #expect(try Client(fixture).consumer().next(count: 2, blockMilliseconds: 0).count == 2)
        let consumer = Client(fixture).consumer(claimAfterMilliseconds: 800)
        for id in ids {
            let entry = try eventually("the entry beside those that wait") { try consumer.next(blockMilliseconds: 20) }
            #expect(entry.id == id)
        }
        #expect(consumer.entriesHeld == 3)
    }

    @Test("An entry that comes again behind one that waits is given, and the one that waits is not given twice")
    func comingAgainBehindOneThatWaits() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(2, to: fixture)
        let client = Client(fixture)
        let consumer = client.consumer(claimAfterMilliseconds: 800)
        #expect(try consumer.next(blockMilliseconds: 0)?.id == ids[0])
        // Redis believes that the second one was delivered to this consumer, which has never seen it.
        try fixture.call("XREADGROUP", "GROUP", "ecs-transformer", "one", "COUNT", "1", "STREAMS", "ids:raw", ">")
        client.link.close()
        let entry = try eventually("the entry behind it") { try consumer.next(blockMilliseconds: 20) }
        #expect(entry.id == ids[1] && consumer.entriesHeld == 2)
    }

    @Test("No more bytes are held than allowed, and one entry")
    func boundOfBytes() throws {
        let fixture = try RedisFixture()
        try Self.add(3, to: fixture)
        let options = StreamConsumer.Options(bytesHeldMax: 200)
        let client = Client(fixture)
        let consumer = StreamConsumer(
            link: client.link, keys: client.keys, stream: "ids:raw", group: "ecs-transformer", consumer: "one",
            options: options)
        let taken = try consumer.next(count: 3, blockMilliseconds: 0)
        #expect(taken.count == 2 && consumer.bytesHeld >= 200)
        consumer.commit(taken[0].id)
        #expect(try consumer.next(blockMilliseconds: 30_000) != nil)
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
        #expect(try consumer.drain(milliseconds: 30_000))
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
        #expect(try consumer.next(blockMilliseconds: 0) == nil)
        consumer.commit(ids[0])
        #expect(try consumer.next(blockMilliseconds: 30_000)?.id == ids[1])
    }

    @Test("Entries of a silent consumer are taken over, those of a living one are not")
    func claim() throws {
        let fixture = try RedisFixture()
        let ids = try Self.add(2, to: fixture)
        let alive = Client(fixture).consumer("alive", claimAfterMilliseconds: 2_000)
        let dead = Client(fixture).consumer("dead", claimAfterMilliseconds: 2_000)
        let other = Client(fixture).consumer("other", claimAfterMilliseconds: 2_000)
        #expect(try alive.next(count: 1, blockMilliseconds: 0).map(\.id) == [ids[0]])
        #expect(try dead.next(count: 1, blockMilliseconds: 0).map(\.id) == [ids[1]])
        let claimed = try eventually("the claim") {
            // What keeps the held entry of the living one fresh happens in its own calls.
            _ = try alive.next(count: 1, blockMilliseconds: 0)
            let entries = try other.next(count: 8, blockMilliseconds: 10)
            return entries.isEmpty && alive.entriesHeld + other.entriesHeld < 2 ? nil : entries.map(\.id)
        }
        #expect(claimed == [ids[1]] || alive.entriesHeld == 2)
        // One that is busy may have claimed it first, and lets go of what it does not get to.
        #expect(1...2 ~= other.entriesClaimed + alive.entriesClaimed)
        dead.commit(ids[1], output: payload())
        #expect(try dead.drain(milliseconds: 30_000))
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
            let names = infos.compactMap { $0.fields["name"]?.text }
            return names.contains("idle") ? nil : names
        }
        #expect(names.contains("holding"))
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
        #expect(try consumer.drain(milliseconds: 30_000))
        let letters = try fixture.call("XRANGE", "ids:dead", "-", "+").elements.map { $0.elements[1] }
        #expect(letters.map { $0.fields["bytes"]?.text } == ["IDSX nonsense", "hello world x y"])
        #expect(letters.map { $0.fields["reason"]?.text } == ["the entry is not a batch", "the entry is not a batch"])
        #expect(letters.map { $0.fields["entry"]?.text } == entries.map(\.id))
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
        #expect(try consumer.drain(milliseconds: 30_000))
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
        let next = try eventually("the entry that is there") { try consumer.next(blockMilliseconds: 50) }
        #expect(next.id == ids[1])
        #expect(try consumer.drain(milliseconds: 30_000))
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
                consumer.commit(entry.id, output: entry.payload, totals: [(.events, 1)])
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
