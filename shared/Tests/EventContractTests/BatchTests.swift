import Testing

@testable import EventContract

@Suite("Batches")
struct BatchTests {
    static let lines = (0..<50).map { index in
        "{\"timestamp\":\"2026-02-01T12:34:\(10 + index).000000+0000\",\"event_type\":\"flow\",\"n\":\(index)}"
    }
    static let identity = FileIdentity(high: 0x1122_3344_5566_7788, low: 42)

    /// Adds a line that must fit.
    static func add(_ line: String, at offset: UInt64, to encoder: inout RawBatchEncoder) {
        let isTaken = Array(line.utf8).withUnsafeBytes { encoder.append($0, offset: offset) }
        #expect(isTaken)
    }

    /// Adds a document that must fit.
    static func add(_ text: String, id: EventID, time: Int64, to encoder: inout DocumentBatchEncoder) {
        let isTaken = encoder.append(id: id, time: time) { $0 += Array(text.utf8) }
        #expect(isTaken)
    }

    static func rawPayload(_ lines: [String] = lines, codec: BatchCodec) -> [UInt8] {
        var encoder = RawBatchEncoder(codec: codec)
        var offset: UInt64 = 1_000
        for line in lines {
            add(line, at: offset, to: &encoder)
            offset += UInt64(line.utf8.count + 1)
        }
        return encoder.finish(
            sensor: "pi-wohnung-ü", sourcePath: "/mnt/ram_logs/eve.json", identity: identity, readTime: 99,
            endOffset: offset)
    }

    @Test("A raw batch comes back whole", arguments: [BatchCodec.plain, .zstd(level: 1), .zstd(level: -5)])
    func raw(codec: BatchCodec) throws {
        let batch = try RawBatch(decoding: Self.rawPayload(codec: codec))
        var lines: [String] = []
        var offsets: [UInt64] = []
        batch.forEachLine { line, offset in
            lines.append(String(decoding: line, as: UTF8.self))
            offsets.append(offset)
        }
        #expect(lines == Self.lines)
        #expect(offsets.first == 1_000 && offsets[1] == 1_001 + UInt64(Self.lines[0].utf8.count))
        let end = UInt64(1_000 + Self.lines.reduce(0) { $0 + $1.utf8.count + 1 })
        var expected = BatchHeader(
            kind: .raw, count: 50, bodyBytes: Self.lines.reduce(0) { $0 + $1.utf8.count + 8 },
            firstTime: 1_769_949_250_000_000_000, lastTime: 1_769_949_299_000_000_000, readTime: 99,
            identity: Self.identity, firstOffset: 1_000, endOffset: end, sensor: "pi-wohnung-ü",
            sourcePath: "/mnt/ram_logs/eve.json")
        #expect(batch.header == expected)
        expected.count = 0
        #expect(batch.header != expected)
    }

    @Test("An encoder is empty after a batch and can be used again")
    func reuse() throws {
        var encoder = RawBatchEncoder(codec: .zstd(level: 1))
        for round in 0..<3 {
            #expect(encoder.isEmpty && encoder.bodyBytes == 0)
            Self.add("line \(round)", at: UInt64(round), to: &encoder)
            #expect(encoder.count == 1 && encoder.bodyBytes == 6 + 8)
            let payload = encoder.finish(
                sensor: "s", sourcePath: "p", identity: Self.identity, readTime: 0, endOffset: 9)
            let batch = try RawBatch(decoding: payload)
            #expect(batch.header.firstOffset == UInt64(round) && batch.header.firstTime == 0)
        }
    }

    @Test("A line that the offsets cannot express, or that is too long, has to wait for the next batch")
    func refusedLines() {
        var encoder = RawBatchEncoder(codec: .plain)
        let huge = [UInt8](repeating: 120, count: BatchHeader.bodyBytesMax)
        let offsets = [5_000, 4_999, 5_000 + UInt64(UInt32.max), 5_001 + UInt64(UInt32.max)]
        let taken = huge.withUnsafeBytes { huge in
            let line = UnsafeRawBufferPointer(rebasing: huge[..<1])
            return offsets.map { encoder.append(line, offset: $0) } + [encoder.append(huge, offset: 5_002)]
        }
        #expect(taken == [true, false, true, false, false])
        #expect(encoder.count == 2)
    }

    @Test("A batch of documents comes back whole, each in reach by its number")
    func documents() throws {
        let raw = try RawBatch(decoding: Self.rawPayload(codec: .plain))
        var encoder = DocumentBatchEncoder(codec: .zstd(level: 1))
        var ids: [EventID] = []
        var source = EventIDSource(sensor: raw.header.sensor, identity: raw.header.identity)
        raw.forEachLine { line, offset in
            let time = EventTime.atFront(of: line) ?? 0
            ids.append(source.id(of: line, offset: offset, time: time))
            let isTaken = encoder.append(document: line, id: ids[ids.count - 1], time: time)
            #expect(isTaken)
        }
        #expect(encoder.count == 50)
        let batch = try DocumentBatch(decoding: encoder.finish(from: raw.header))
        #expect(encoder.isEmpty && batch.count == 50)
        #expect(batch.header.kind == .documents && batch.header.sensor == raw.header.sensor)
        #expect(batch.header.firstTime == raw.header.firstTime && batch.header.lastTime == raw.header.lastTime)
        for index in 0..<batch.count {
            let document = batch.document(at: index)
            #expect(document.id == ids[index])
            #expect(document.time == 1_769_949_250_000_000_000 + Int64(index) * 1_000_000_000)
            #expect(batch.withBytes { String(decoding: $0[document.range], as: UTF8.self) } == Self.lines[index])
        }
    }

    @Test("A document whose writer gives up leaves nothing behind")
    func abandonedDocument() throws {
        struct GaveUp: Error {}
        var encoder = DocumentBatchEncoder(codec: .plain)
        let id = EventIDTests.id()
        Self.add("{}", id: id, time: 1, to: &encoder)
        #expect(throws: GaveUp.self) {
            try encoder.append(id: id, time: 2) { output throws(GaveUp) in
                output += Array("{\"half".utf8)
                throw GaveUp()
            }
        }
        Self.add("[]", id: id, time: 3, to: &encoder)
        let header = BatchHeader(kind: .raw, readTime: 0, identity: Self.identity, sensor: "", sourcePath: "")
        let batch = try DocumentBatch(decoding: encoder.finish(from: header))
        #expect(batch.count == 2 && batch.header.firstTime == 1 && batch.header.lastTime == 3)
        #expect(batch.withBytes { String(decoding: $0[batch.document(at: 1).range], as: UTF8.self) } == "[]")
    }
}
