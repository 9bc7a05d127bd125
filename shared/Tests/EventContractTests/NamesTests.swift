import Testing

@testable import EventContract

@Suite("Names and lines for others")
struct NamesTests {
    @Test("Keys follow the prefix")
    func keys() {
        let keys = StreamKeys(prefix: "test:")
        #expect([keys.raw, keys.ecs, keys.dead] == ["test:raw", "test:ecs", "test:dead"])
        #expect(keys.checkpoint(sensor: "pi") == "test:checkpoint:pi")
        #expect(keys.totals("eve-reader") == "test:totals:eve-reader")
        #expect(StreamKeys().raw == "ids:raw")
        #expect([keys.sensors, keys.stores] == ["test:sensors", "test:stores"])
        #expect([keys.suricata, keys.suricataTotals] == ["test:suricata", "test:suricata:totals"])
    }

    @Test(
        "A delay is counted in the bucket that it falls into",
        arguments: [
            (-5, "latency_ms_100", 0), (0, "latency_ms_100", 0), (100, "latency_ms_100", 300),
            (101, "latency_ms_250", 303), (60_001, "latency_ms_300000", 180_003),
            (43_200_001, "latency_ms_above", 129_600_003),
        ])
    func latency(milliseconds: Int64, name: String, sum: Int) {
        let totals = LatencyBuckets.totals(milliseconds: milliseconds, count: 3)
        #expect(totals.map(\.counter.rawValue) == [name, "latency_sum_ms"] && totals.map(\.amount) == [3, sum])
        #expect(LatencyBuckets.totals(milliseconds: milliseconds, count: 0).isEmpty)
    }

    @Test("The front of a batch is that of its header; what is no batch has none")
    func front() throws {
        var encoder = RawBatchEncoder()
        for (offset, second) in [(0, "01"), (99, "09")] as [(UInt64, String)] {
            let line = Array(#"{"timestamp":"2026-02-01T00:00:\#(second)Z"}"#.utf8)
            #expect(line.withUnsafeBytes { encoder.append($0, offset: offset) })
        }
        let payload = encoder.finish(
            sensor: "pi", sourcePath: "eve.json", identity: FileIdentity(high: 1, low: 2), readTime: 7, endOffset: 200)
        let front = try #require(BatchFront(Array(payload.prefix(BatchFront.bytesRead))))
        #expect(front.count == 2 && front.readTime == 7 && front.lastTime - front.firstTime == 8_000_000_000)
        #expect(BatchFront(Array(payload.prefix(39))) == nil && BatchFront([UInt8](repeating: 0, count: 40)) == nil)
        var newer = payload
        newer[4] = 2
        #expect(BatchFront(newer) == nil)
    }

    @Test("A dead letter can be read by people")
    func deadLetter() {
        let bytes = Array("not json".utf8)
        let letter = bytes.withUnsafeBytes { bytes in
            DeadLetter(
                reason: "not JSON at byte 0",
                origin: .init(service: "ecs-transformer", sensor: "pi", sourcePath: "/eve.json", offset: 17),
                attempt: 2, time: 1_769_949_296_123_456_000, bytes: bytes)
        }
        let text = letter.fields.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
        #expect(
            text == [
                "reason=not JSON at byte 0", "service=ecs-transformer", "sensor=pi", "source=/eve.json", "offset=17",
                "attempt=2", "time=2026-02-01T12:34:56.123456Z", "size=8", "bytes=not json",
            ])
    }

    @Test("A huge letter keeps its front and its size")
    func hugeLetter() {
        let letter = [UInt8](repeating: 1, count: DeadLetter.bytesMax + 5).withUnsafeBytes { bytes in
            DeadLetter(reason: "", origin: .init(service: "eve-reader"), time: 0, bytes: bytes)
        }
        #expect(letter.bytes.count == DeadLetter.bytesMax && letter.size == DeadLetter.bytesMax + 5)
    }
}
