import EventContract
import Lifecycle
import Logging
import ServiceTesting
import Testing

@testable import RedisStreams

@Suite("The link to Redis", .realRedis)
struct RedisLinkTests {
    @Test("Absent at the start, there, killed, there again: each change is reported once")
    func comesAndGoes() throws {
        let fixture = try RedisFixture()
        fixture.kill9()
        let client = Client(fixture)
        _ = try eventually("the fault") {
            let reply = try client.link.call(["PING"], waitMilliseconds: 20)
            #expect(reply == nil)
            return client.link.fault?.code == .connection ? true : nil
        }
        for _ in 1...4 { #expect(try client.link.call(["PING"], waitMilliseconds: 20) == nil) }
        #expect(client.states.count == 1)

        try fixture.restart()
        let reply = try eventually("an answer") { try client.link.call(["PING"], waitMilliseconds: 50) }
        #expect(reply == .status("PONG"))
        fixture.kill9()
        #expect(try client.link.call(["PING"]) == nil)
        try fixture.restart()
        _ = try eventually("an answer") { try client.link.call(["PING"], waitMilliseconds: 50) }
        #expect(client.states.map(\.isReady) == [false, true, false, true])
        #expect(client.link.epoch == 2)
    }

    @Test("The connection carries the service's name and the chosen database")
    func greeting() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture, service: "eve-reader") { $0.database = 3 }
        _ = try client.link.call(["SET", "here", "yes"])
        #expect(try client.link.call(["CLIENT", "GETNAME"])?.text == "eve-reader")
        #expect(try fixture.call("GET", "here") == .null)
        fixture.options.database = 3
        #expect(try Client(fixture).link.call(["GET", "here"])?.text == "yes")
    }

    @Test("A server that stands still is given up at the deadline and used again later")
    func silentServer() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture) { $0.commandTimeoutMilliseconds = 150 }
        _ = try client.link.call(["PING"])
        fixture.pause()
        let start = Deadline.now
        #expect(try client.link.call(["PING"]) == nil)
        #expect(client.link.fault?.code == .timeout)
        #expect(MonotonicClock.nanoseconds() - start.nanoseconds < 5_000_000_000)
        fixture.resume()
        _ = try eventually("an answer") { try client.link.call(["PING"], waitMilliseconds: 50) }
        #expect(client.link.fault == nil)
    }

    @Test("A stop ends a blocking read at once, and what is under way can still be brought home")
    func stopWhileBlocked() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let consumer = client.consumer()
        try fixture.call("XADD", "ids:raw", "*", "b", .bytes(payload()))
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 30_000).first)
        let stopper = DedicatedThread { [stop = client.stop] in
            stop.wait(milliseconds: 100)
            stop.stop()
        }
        let start = Deadline.now
        #expect(try consumer.next(count: 1, blockMilliseconds: 60_000) == [])
        #expect(MonotonicClock.nanoseconds() - start.nanoseconds < 5_000_000_000)
        stopper.join()
        consumer.commit(entry.id, output: [1])
        #expect(try consumer.drain(milliseconds: 30_000))
        #expect(try fixture.call("XLEN", "ids:ecs") == .integer(1))
    }

    @Test("A stop ends waiting for an absent server")
    func stopWhileAbsent() throws {
        let fixture = try RedisFixture()
        fixture.kill9()
        let client = Client(fixture) { $0.backoffMaxMilliseconds = 60_000 }
        let consumer = client.consumer()
        client.stop.stop()
        #expect(try consumer.next(count: 1, blockMilliseconds: 60_000) == [])
        #expect(try consumer.drain(milliseconds: 60_000))
    }

    @Test("A missing or wrong password is reported, and retried until it is right")
    func password() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let wrong = Client(fixture) { $0.password = Secret("wrong") }
        #expect(try wrong.link.call(["PING"]) == nil)
        #expect(wrong.link.fault?.code == .notAllowed)

        try fixture.call("CONFIG", "SET", "requirepass", "sesame")
        try #require(try client.link.call(["PING"]) == nil)
        #expect(client.link.fault?.message.hasPrefix("NOAUTH") == true)
        _ = try eventually("the refusal") {
            _ = try? wrong.link.call(["PING"], waitMilliseconds: 100)
            return wrong.link.fault?.message.hasPrefix("WRONGPASS") == true ? true : nil
        }

        fixture.options.password = Secret("sesame")
        let right = Client(fixture)
        #expect(try right.link.call(["PING"]) == .status("PONG"))
        #expect(try right.link.call(["CONFIG", "SET", "requirepass", "wrong"]) == .status("OK"))
        _ = try eventually("being let in") { try wrong.link.call(["PING"], waitMilliseconds: 100) }
        #expect(wrong.states.map(\.isReady) == [false, true])
    }

    @Test("A user of the access lists needs the rights that the work needs")
    func accessList() throws {
        let fixture = try RedisFixture()
        try fixture.call("ACL", "SETUSER", "ids", "on", ">pass", "~ids:*", "+@all", "-hgetall")
        let client = Client(fixture) {
            $0.username = "ids"
            $0.password = Secret("pass")
        }
        #expect(try client.writer().checkpoints(waitMilliseconds: 0) == nil)
        #expect(client.link.fault?.message.hasPrefix("NOPERM") == true)
        try fixture.call("ACL", "SETUSER", "ids", "+hgetall")
        let checkpoints = try eventually("rights") { try client.writer().checkpoints(waitMilliseconds: 100) }
        #expect(checkpoints.isEmpty)
    }

    @Test("The rights that docs/redis.md names are enough for everything")
    func sufficientRights() throws {
        let fixture = try RedisFixture()
        try fixture.call(
            "ACL", "SETUSER", "ids", "on", ">pass", "~ids:*", "-@all", "+@stream", "+@hash", "+@scripting",
            "+@transaction",
            "+@connection", "+info", "+memory|usage", "+exists", "+type")
        let client = Client(fixture) {
            $0.username = "ids"
            $0.password = Secret("pass")
        }
        let writer = client.writer()
        #expect(try writer.checkpoints(waitMilliseconds: 0) == [:])
        writer.submit(
            .init(
                field: "f", previous: nil, next: "1", payload: payload(), dead: [letter()], totals: [(.events, 1)]))
        #expect(try writer.drain(milliseconds: 30_000).isComplete)
        let consumer = client.consumer()
        let entry = try #require(try consumer.next(count: 1, blockMilliseconds: 0).first)
        consumer.commit(entry.id, output: payload(), dead: [letter()], totals: [(.events, 1)])
        #expect(try consumer.drain(milliseconds: 30_000))
        let trimmer = StreamTrimmer(link: client.link, stream: "ids:raw", requiredGroups: ["ecs-transformer"])
        try trimmer.trim()
        let budget = StreamBudget(link: client.link, stream: "ids:raw", bytesMax: 1, memoryMaxPercent: 80)
        #expect(try budget.check())
        #expect(trimmer.entriesTrimmed == 1 && client.link.fault == nil)
    }

    @Test("A transaction gives the reply to each command; one that is refused as a whole says why")
    func transaction() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        try fixture.call("SET", "text", "1")
        let replies = try client.link.transaction([["INCR", "text"], ["XLEN", "text"], ["GET", "text"]])
        #expect(replies?.count == 3 && replies?.first == .integer(2) && replies?.last?.text == "2")
        guard case .error(let error)? = replies?[1] else { throw Absent(what: "the refusal of one command") }
        #expect(error.code == .wrongType)
        #expect(try client.link.transaction([["INCR", "text"], ["NONSENSE"]]) == nil)
        #expect(client.link.fault?.message.contains("unknown command") == true)
        #expect(try fixture.call("GET", "text").text == "2")
    }

    @Test("What a service keeps about itself gets through also when memory is full, and a refusal harms nothing")
    func keep() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        _ = try client.link.call(["PING"])
        try fixture.call("CONFIG", "SET", "maxmemory", "1")
        client.link.keep("full", as: "pi", of: "ids:sensors")
        _ = try eventually("the text") { try fixture.call("HGET", "ids:sensors", "pi").text == "full" ? true : nil }
        var replaced: String?
        client.link.keep("fuller", as: "pi", of: "ids:sensors") { replaced = $0 }
        #expect(try client.link.call(["PING"]) == .status("PONG") && replaced == "full")
        try fixture.call("SET", "ids:stores", "no hash")
        client.link.keep("refused", as: "local", of: "ids:stores")
        #expect(try client.link.call(["PING"]) == .status("PONG") && client.link.fault == nil)
    }

    @Test("No host of that name is a failure that passes")
    func noSuchHost() throws {
        let client = Client(try RedisFixture()) { $0.host = "no-such-host.invalid" }
        #expect(try client.link.call(["PING"]) == nil)
        #expect([.connection, .timeout].contains(client.link.fault?.code))
    }

    @Test("Scripts that the server has forgotten are loaded again")
    func scriptFlush() throws {
        let fixture = try RedisFixture()
        let client = Client(fixture)
        let writer = client.writer()
        _ = try writer.pump(waitMilliseconds: 0)
        try fixture.call("SCRIPT", "FLUSH")
        writer.submit(.init(field: "f", previous: nil, next: "1", payload: payload()))
        #expect(try writer.drain(milliseconds: 30_000).isComplete)
        #expect(try fixture.call("XLEN", "ids:raw") == .integer(1))
    }
}
