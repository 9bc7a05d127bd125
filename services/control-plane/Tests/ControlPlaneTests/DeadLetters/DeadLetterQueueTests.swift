import EventContract
import Lifecycle
import Logging
import Metrics
import RedisStreams
import ServiceTesting
import Testing

@testable import ControlPlane

@Suite("Dead letters", .enabled(if: RedisServerBinary.found != nil, "needs a Redis server"))
struct DeadLetterQueueTests {
    private let server: RedisFixture
    private let queue: DeadLetterQueue

    init() throws {
        server = try RedisFixture()
        queue = DeadLetterQueue(
            redis: PipelineRedis(
                server.options, service: "control-plane", stop: StopSignal(), readiness: Readiness(), logger: .silent,
                metrics: MetricsRegistry(prefix: "ids")))
    }

    private static let documentID = String(repeating: "0a1b", count: 8)
    private static let document = #"{"@timestamp":"2026-02-01T10:00:00.000000Z","dns":{"id":"no number"}}"#
    private static let line = #"{"timestamp":"2026-02-01T10:00:00.000000+0000","event_type":"dns"}"#

    private static func lineOrigin(_ offset: UInt64 = 4_096) -> DeadLetter.Origin {
        .init(service: "ecs-transformer", sensor: "home", sourcePath: "/eve.json", offset: offset, entryID: "1-1")
    }

    /// Adds a letter, and gives its id.
    @discardableResult
    private func add(
        _ text: String, reason: String = "not JSON at byte 3", origin: DeadLetter.Origin = lineOrigin(),
        size: Int? = nil
    ) throws -> String {
        try add(Array(text.utf8), reason: reason, origin: origin, size: size)
    }

    private func add(_ bytes: [UInt8], reason: String, origin: DeadLetter.Origin, size: Int? = nil) throws -> String {
        let letter = bytes.withUnsafeBytes {
            DeadLetter(reason: reason, origin: origin, time: 1_769_940_000_000_000_000, bytes: $0, size: size)
        }
        var words: [RedisArgument] = ["XADD", "ids:dead", "*"]
        for field in letter.fields { words += [.text(field.name), .bytes(field.value)] }
        return try #require(try queue.redis.call(words).text)
    }

    private func addDocument(_ text: String = document, id: String = documentID) throws -> String {
        try add(
            text, reason: "document_parsing_exception: failed to parse field [dns.id] of type [long]",
            origin: .init(service: "opensearch-shipper", sensor: "home", documentID: id, entryID: "1-1"))
    }

    private func replay(_ id: String, edited: String? = nil) throws -> Bool {
        let stored = try #require(try queue.letter(id))
        return try queue.put(try Replay(of: stored, edited: edited), inPlaceOf: id)
    }

    /// The payloads of a stream.
    private func payloads(_ stream: String) throws -> [[UInt8]] {
        try queue.redis.call(["XRANGE", .text(stream), "-", "+"]).elements.map { entry in
            try #require(entry.elements[1].fields["b"]?.bytes)
        }
    }

    private func count(_ field: String) throws -> Int64 {
        try queue.redis.call(["HGET", "ids:totals:dead", .text(field)]).integer ?? 0
    }

    private var letterCount: Int64 {
        get throws { try #require(try queue.redis.call(["XLEN", "ids:dead"]).integer) }
    }

    // MARK: - Looking

    @Test("Letters are grouped by reason, and only one that is asked for comes whole")
    func groups() throws {
        let long = String(repeating: "x", count: 5_000)
        let first = try add(long, reason: "not JSON: invalid escape at byte 17")
        let second = try add("{\\", reason: "not JSON: invalid escape at byte 2")
        let third = try addDocument()
        let (groups, total, isComplete) = try queue.groups()
        #expect(total == 3 && isComplete)
        #expect(Set(groups.map(\.reason.text)).count == 2)
        let lines = try #require(groups.first { $0.newest.kind == .line })
        #expect(lines.count == 2 && lines.replayableCount == 2 && lines.byteCount == 5_002)
        #expect(lines.newest.id == second && lines.oldest.id == first)
        #expect(lines.oldest.letter.bytes.count == BatchFront.bytesRead && lines.oldest.byteCount == 5_000)
        let documents = try #require(groups.first { $0.newest.kind == .document })
        #expect(documents.newest.id == third && documents.reason.field == "dns.id")
        let whole = try #require(try queue.letter(first))
        #expect(whole.letter.bytes == Array(long.utf8) && whole.letter.origin == Self.lineOrigin())
        #expect(whole.letter.time == 1_769_940_000_000_000_000 && whole.byteCount == 5_000)
        #expect(try queue.letter("1-1") == nil)
    }

    @Test("Pages of a group join to all of its letters")
    func pages() throws {
        var ids: [String] = []
        for number in 0..<7 {
            ids.append(try add("x", reason: "bad at byte \(number)"))
            try add("y", reason: "another reason")
        }
        let group = try #require(try queue.groups().groups.first { $0.reason.text == "bad at byte …" })
        var found: [String] = []
        var from: String?
        repeat {
            let page = try queue.letters(of: group.reason.key, from: from, limit: 3)
            found += page.letters.map(\.id)
            from = page.next
        } while from != nil
        #expect(found == ids.reversed())
    }

    // MARK: - Back into the pipeline

    @Test("A line goes to be mapped, and its letter is gone")
    func line() throws {
        let id = try add(Self.line)
        let wasThere = try replay(id)
        let batch = try RawBatch(decoding: try #require(try payloads("ids:raw").first))
        var lines: [(String, UInt64)] = []
        batch.forEachLine { lines.append((String(decoding: $0, as: UTF8.self), $1)) }
        #expect(wasThere && lines.map(\.0) == [Self.line] && lines.map(\.1) == [4_096])
        #expect(batch.header.sensor == "home" && batch.header.sourcePath == "/eve.json")
        #expect(try letterCount == 0 && count("replayed") == 1)
        // Somebody else was faster.
        let again = StoredLetter(id: id, letter: line(of: Self.line), byteCount: Self.line.utf8.count)
        let isThere = try queue.put(try Replay(of: again), inPlaceOf: id)
        #expect(!isThere)
        #expect(try payloads("ids:raw").count == 1 && count("replayed") == 1)
    }

    private func line(of text: String) -> DeadLetter {
        Array(text.utf8).withUnsafeBytes { DeadLetter(reason: "", origin: Self.lineOrigin(), time: 0, bytes: $0) }
    }

    @Test("A letter that is replayed twice gives the same ids, another letter other ones")
    func ids() throws {
        let letters = [("1-1", Self.line), ("1-1", Self.line), ("1-2", Self.line)].map {
            StoredLetter(id: $0.0, letter: line(of: $0.1), byteCount: $0.1.utf8.count)
        }
        let identities = try letters.map { try RawBatch(decoding: try Replay(of: $0).payload).header.identity }
        #expect(identities[0] == identities[1] && identities[0] != identities[2])
    }

    @Test("A document goes to the stores under its id, edited as one line of JSON")
    func document() throws {
        let plain = try addDocument()
        let wasThere = try replay(plain)
        let id = try addDocument()
        let text = """
            {
              "@timestamp": "2026-02-01T10:00:00.000000Z",
              "dns": {"id": 18446744073709551615, "note": "a  b"}
            }
            """
        let wasEdited = try replay(id, edited: text)
        #expect(wasThere && wasEdited)
        let batches = try payloads("ids:ecs").map { try DocumentBatch(decoding: $0) }
        let texts = batches.map { batch in
            batch.withBytes { String(decoding: $0[batch.document(at: 0).range], as: UTF8.self) }
        }
        #expect(
            texts == [
                Self.document,
                #"{"@timestamp":"2026-02-01T10:00:00.000000Z","dns":{"id":18446744073709551615,"note":"a  b"}}"#,
            ])
        #expect(batches.allSatisfy { $0.document(at: 0).id.description == Self.documentID })
        #expect(batches.allSatisfy { $0.document(at: 0).time == 1_769_940_000_000_000_000 })
        #expect(try letterCount == 0)
    }

    @Test("An entry that nobody got through with goes back whole to where its kind belongs")
    func entry() throws {
        var raw = RawBatchEncoder()
        let isTaken = Array(Self.line.utf8).withUnsafeBytes { raw.append($0, offset: 0) }
        let payload = raw.finish(
            sensor: "home", sourcePath: "", identity: FileIdentity(high: 1, low: 2), readTime: 1, endOffset: 1)
        let id = try add(
            payload, reason: "delivered 5 times", origin: .init(service: "ecs-transformer", entryID: "1-1"))
        #expect(isTaken)
        #expect(try #require(try queue.letter(id)).batch?.count == 1)
        let wasThere = try replay(id)
        #expect(wasThere)
        #expect(try payloads("ids:raw") == [payload])
    }

    @Test("What would be lost or come back at once does not go, and says why")
    func obstacles() throws {
        let cut = try add("{", size: 9_000_000)
        let shared = try add("{}\n{}", reason: "the first of several records of one entry: no")
        let noBatch = try add([1, 2, 3], reason: "not a batch", origin: .init(service: "local-store", entryID: "1-1"))
        let nameless = try addDocument(Self.document, id: "?")
        for id in [cut, shared, noBatch, nameless] {
            #expect(throws: Replay.Refusal.self) { try replay(id) }
        }
        #expect(throws: Replay.Refusal.self) { try replay(noBatch, edited: Self.line) }
        #expect(throws: Replay.Refusal.self) { try replay(cut, edited: "{\"half\":") }
        #expect(throws: Replay.Refusal.self) { try replay(cut, edited: "[1]") }
        let timeless = try addDocument()
        #expect(throws: Replay.Refusal.self) { try replay(timeless, edited: "{\"dns\":{}}") }
        #expect(try letterCount == 5)
        // Completed by hand it can go.
        let wasThere = try replay(cut, edited: Self.line)
        #expect(wasThere)
    }

    @Test("A letter stays when its stream takes nothing, and when Redis has no room")
    func refusals() throws {
        let id = try addDocument()
        let last = "18446744073709551615-18446744073709551615"
        _ = try queue.redis.call(["XADD", "ids:ecs", .text(last), "b", "x"])
        #expect(throws: RedisError.self) { try replay(id) }
        #expect(try server.call("XLEN", "ids:dead") == .integer(1))
        try server.call("DEL", "ids:ecs")
        try server.call("CONFIG", "SET", "maxmemory", "1")
        #expect(throws: RedisError.self) {
            // The pause after the failure before may not be over.
            while true {
                do {
                    _ = try replay(id)
                    return
                } catch let error as RedisError where error.code == .other {}
            }
        }
        #expect(try server.call("XLEN", "ids:dead") == .integer(1))
        #expect(try server.call("EXISTS", "ids:ecs") == .integer(0))
    }

    @Test("All of a reason go back, but for those that cannot and those that came later")
    func replayGroup() throws {
        for number in 0..<20 { try add(Self.line, reason: "bad at byte \(number)") }
        let cut = try add("{", reason: "bad at byte 20", size: 2)
        let other = try addDocument()
        let group = try #require(try queue.groups().groups.first { $0.reason.text == "bad at byte …" })
        #expect(group.count == 21 && group.replayableCount == 20 && group.newest.id == cut)
        let later = try add(Self.line, reason: "bad at byte 21")
        let outcome = try queue.replay(group: group.reason.key, through: cut)
        #expect(outcome.doneCount == 20 && outcome.refusedCount == 1 && outcome.next == nil)
        let left = try queue.redis.call(["XRANGE", "ids:dead", "-", "+"]).elements.compactMap {
            $0.elements.first?.text
        }
        #expect(left == [cut, other, later])
        #expect(try payloads("ids:raw").count == 20 && count("replayed") == 20)
    }

    @Test("More letters than one request may move are gone through by several")
    func manyLetters() throws {
        for _ in 0..<(DeadLetterQueue.lettersAtOnceMax + 20) { try add(Self.line) }
        let group = try #require(try queue.groups().groups.first)
        var through: String? = group.newest.id
        var (done, rounds) = (0, 0)
        while let next = through {
            let outcome = try queue.delete(group: group.reason.key, through: next)
            #expect(outcome.doneCount <= DeadLetterQueue.lettersAtOnceMax)
            (done, rounds, through) = (done + outcome.doneCount, rounds + 1, outcome.next)
        }
        #expect(done == DeadLetterQueue.lettersAtOnceMax + 20 && rounds >= 2)
        #expect(try letterCount == 0 && count("deleted") == Int64(done))
    }

    @Test("Without Redis one is told so at once, and all is well when it is back")
    func withoutRedis() throws {
        try add(Self.line)
        server.kill9()
        #expect(throws: RedisError.self) { try queue.groups() }
        let began = MonotonicClock.nanoseconds()
        #expect(throws: RedisError.self) { try queue.groups() }
        #expect(MonotonicClock.nanoseconds() - began < 1_500_000_000)
        try server.restart()
        let deadline = Deadline.milliseconds(20_000)
        var found: Int?
        while found == nil, !deadline.hasPassed { found = try? queue.groups().total }
        #expect(found == 1)
    }
}

@Suite("Ids of letters")
struct LetterIDTests {
    @Test("Only what Redis takes for the id of an entry is one")
    func forms() {
        for good in ["0-1", "1769940000000-0", "18446744073709551615-18446744073709551615"] {
            #expect(StreamEntryID(good) != nil)
        }
        for bad in ["", "-", "+", "1", "1-", "-1", "(1-1", "1-1-1", "1 -1", "+1-1", "18446744073709551616-0", "a-b"] {
            #expect(StreamEntryID(bad) == nil)
        }
        #expect(StreamEntryID("5-3")?.previous?.description == "5-2" && StreamEntryID("0-0")?.previous == nil)
        #expect(StreamEntryID("5-0")?.previous?.description == "4-18446744073709551615")
    }
}
