import EventContract
import ServiceTesting
import Testing

@testable import RedisStreams

@Suite("How large streams become", .realRedis)
struct StreamSizeTests {
    @Test("Only what every required group has acknowledged is trimmed")
    func trim() throws {
        let fixture = try RedisFixture()
        let ids = try StreamConsumerTests.add(5, to: fixture, stream: "ids:ecs")
        let client = Client(fixture)
        _ = try client.link.call(["PING"])
        func remaining(_ required: [String]) throws -> [String] {
            let trimmer = StreamTrimmer(
                link: client.link, stream: client.keys.ecs, requiredGroups: required, intervalMilliseconds: 0)
            try trimmer.trim()
            return try fixture.call("XRANGE", "ids:ecs", "-", "+").elements.compactMap { $0.elements.first?.text }
        }
        #expect(try remaining(["opensearch"]) == ids, "the group does not exist yet")

        let fast = client.consumer(group: "opensearch", stream: client.keys.ecs, output: nil)
        let slow = client.consumer(group: "local", stream: client.keys.ecs, output: nil)
        let entries = try fast.next(count: 4, blockMilliseconds: 0)
        #expect(try remaining(["opensearch"]) == ids, "all are pending")
        for index in [0, 1, 3] { fast.commit(entries[index].id) }
        #expect(try fast.drain(milliseconds: 30_000))
        #expect(try remaining(["opensearch", "local"]) == ids, "one required group is missing")
        let slowEntries = try slow.next(count: 1, blockMilliseconds: 0)
        #expect(try remaining(["opensearch", "local"]) == ids, "the slower one holds the first")
        slow.commit(slowEntries[0].id)
        #expect(try slow.drain(milliseconds: 30_000))
        #expect(try remaining(["opensearch", "local"]) == Array(ids[1...]))
        #expect(try remaining(["opensearch"]) == Array(ids[2...]), "the third is still pending")
        fast.commit(entries[2].id)
        #expect(try fast.drain(milliseconds: 30_000))
        #expect(try remaining(["opensearch"]) == [ids[4]], "the fifth is not read yet")
        // What the group that is not required has lost is passed over.
        #expect(try slow.next(count: 8, blockMilliseconds: 0).map(\.id) == [ids[4]])
    }

    @Test("A required group that is absent or stands still is named, one that is level or moves is not")
    func holder() throws {
        let fixture = try RedisFixture()
        try StreamConsumerTests.add(3, to: fixture, stream: "ids:ecs")
        let client = Client(fixture)
        _ = try client.link.call(["PING"])
        let trimmer = StreamTrimmer(
            link: client.link, stream: client.keys.ecs, requiredGroups: ["local"],
            groupsRequiredIfPresent: ["opensearch"], intervalMilliseconds: 0, absentMillisecondsMax: 0,
            stillMillisecondsMax: 0)
        let hand = ManualClock()
        let patient = StreamTrimmer(
            link: client.link, stream: client.keys.ecs, requiredGroups: ["local"], absentMillisecondsMax: 5_000,
            clock: hand.clock)
        try trimmer.trim()
        try patient.trim()
        hand.advance(milliseconds: 4_999)
        try patient.trim()
        #expect(trimmer.holder == .init(group: "local", exists: false) && patient.holder == nil)
        hand.advance(milliseconds: 50)
        try patient.trim()
        #expect(patient.holder == trimmer.holder)

        let local = client.consumer(group: "local", stream: client.keys.ecs, output: nil)
        for entry in try local.next(count: 2, blockMilliseconds: 0) { local.commit(entry.id) }
        #expect(try local.drain(milliseconds: 30_000))
        try trimmer.trim()
        #expect(trimmer.holder == nil && trimmer.entriesTrimmed == 2, "the other sink has no shipper")

        let other = client.consumer(group: "opensearch", stream: client.keys.ecs, output: nil)
        let held = try other.next(count: 1, blockMilliseconds: 0)
        for entry in try local.next(count: 1, blockMilliseconds: 0) { local.commit(entry.id) }
        #expect(try local.drain(milliseconds: 30_000))
        try trimmer.trim()
        #expect(trimmer.holder == .init(group: "opensearch", exists: true) && trimmer.entriesTrimmed == 2)
        other.commit(held[0].id)
        #expect(try other.drain(milliseconds: 30_000))
        try trimmer.trim()
        #expect(trimmer.holder == nil && trimmer.entriesTrimmed == 3, "both are level")
    }

    @Test("A stream that is not there is not trimmed and takes nothing")
    func absent() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        _ = try client.link.call(["PING"])
        let trimmer = StreamTrimmer(link: client.link, stream: "ids:raw", requiredGroups: ["ecs-transformer"])
        try trimmer.trim()
        let budget = StreamBudget(link: client.link, stream: "ids:raw", bytesMax: 1)
        #expect(try !budget.check())
        #expect(budget.bytes == 0 && trimmer.entriesTrimmed == 0)
        #expect(try client.link.fault == nil && fixture.call("EXISTS", "ids:raw") == .integer(0))
    }

    @Test("The budget sees the stream's memory, within a few percent")
    func streamBudget() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let budget = StreamBudget(link: client.link, stream: "ids:raw", bytesMax: 2_000_000, intervalMilliseconds: 0)
        #expect(try !budget.check())
        let large = [UInt8](repeating: 1, count: 100_000)
        for number in 1...30 {
            try fixture.call("XADD", "ids:raw", "*", "b", .bytes(large))
            #expect(try budget.check() == (number * 100_000 > 2_000_000 || budget.bytes > 2_000_000))
        }
        #expect((3_000_000...4_200_000).contains(budget.bytes))
    }

    @Test("The budget sees when Redis has used its share of maxmemory")
    func memoryShare() throws {
        let fixture = try RedisFixture(["--maxmemory", "32mb"])
        let client = Client(fixture)
        let budget = StreamBudget(
            link: client.link, stream: "ids:raw", bytesMax: 1 << 30, memoryMaxPercent: 30, intervalMilliseconds: 0)
        #expect(try !budget.check())
        for number in 1...12 {
            try fixture.call("SET", .text("ballast\(number)"), .bytes([UInt8](repeating: 1, count: 1 << 20)))
        }
        #expect(try budget.check())
        try fixture.call("FLUSHALL")
        _ = try eventually("room") { try budget.check() ? nil : true }
    }

    @Test("Between two looks the last answer stands")
    func interval() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let hand = ManualClock()
        let budget = StreamBudget(
            link: client.link, stream: "ids:raw", bytesMax: 1, intervalMilliseconds: 100, clock: hand.clock)
        #expect(try !budget.check())
        try fixture.call("XADD", "ids:raw", "*", "b", "x")
        hand.advance(milliseconds: 99)
        #expect(try !budget.check())
        hand.advance(milliseconds: 1)
        #expect(try budget.check())
    }
}
