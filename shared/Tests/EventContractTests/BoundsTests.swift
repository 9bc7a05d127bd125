import Testing

@testable import EventContract

@Suite("The bounds of what a consumer takes")
struct BoundsTests {
    static let identity = FileIdentity(high: 1, low: 2)

    /// A plain batch of documents with these numbers in its header and one document.
    static func payload(kind: BatchHeader.Kind, change: (inout [UInt8]) -> Void) -> [UInt8] {
        let header = BatchHeader(kind: .raw, readTime: 1, identity: identity, sensor: "s", sourcePath: "p")
        var payload: [UInt8]
        if kind == .raw {
            var encoder = RawBatchEncoder(codec: .plain)
            _ = Array("{}".utf8).withUnsafeBytes { encoder.append($0, offset: 0) }
            payload = encoder.finish(sensor: "s", sourcePath: "p", identity: identity, readTime: 1, endOffset: 3)
        } else {
            var encoder = DocumentBatchEncoder(codec: .plain)
            _ = Array("{}".utf8).withUnsafeBytes { encoder.append(document: $0, id: EventIDTests.id(), time: 1) }
            payload = encoder.finish(from: header)
        }
        change(&payload)
        return payload
    }

    static func error(_ payload: [UInt8], kind: BatchHeader.Kind) -> ContractError? {
        do throws(ContractError) {
            if kind == .raw { _ = try RawBatch(decoding: payload) } else { _ = try DocumentBatch(decoding: payload) }
            return nil
        } catch {
            return error
        }
    }

    static func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int, in payload: inout [UInt8]) {
        payload.withUnsafeMutableBytes {
            $0.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
        }
    }

    @Test("Times that nobody can reckon with make no batch", arguments: [BatchHeader.Kind.raw, .documents])
    func times(kind: BatchHeader.Kind) {
        for offset in [16, 24, 32] {
            for time in [Int64.min, -1, EventTime.range.upperBound + 1, .max] {
                let payload = Self.payload(kind: kind) { Self.put(time, at: offset, in: &$0) }
                #expect(Self.error(payload, kind: kind) == .impossibleTime(time))
                #expect(BatchFront(payload) == nil)
            }
            for time in [EventTime.range.lowerBound, EventTime.range.upperBound] {
                let payload = Self.payload(kind: kind) { Self.put(time, at: offset, in: &$0) }
                #expect(Self.error(payload, kind: kind) == nil && BatchFront(payload) != nil)
            }
        }
        let document = Self.payload(kind: .documents) { Self.put(Int64.min, at: $0.count - 42, in: &$0) }
        #expect(Self.error(document, kind: .documents) == .corruptBody("an impossible time"))
    }

    @Test("Every time that a line can have may stand in a batch, or becomes the nearest that may")
    func timesOfLines() {
        let texts = ["1678-01-01T00:00:00+2359", "1969-12-31T23:59:59Z", "2261-12-31T23:59:60.999999999-2359"]
        let times = texts.compactMap { text in Array(text.utf8).withUnsafeBytes { EventTime.parse($0) } }
        #expect(times.map(EventTime.clamped).map { $0 == 0 } == [true, true, false])
        #expect(EventTime.range.contains(times[2]))
        #expect(!EventTime.range.upperBound.subtractingReportingOverflow(EventTime.range.lowerBound).overflow)
    }

    @Test("More records or bytes than fit are refused before anything is unpacked")
    func sizes() {
        let records = Self.payload(kind: .raw) { Self.put(UInt32(BatchHeader.countMax + 1), at: 8, in: &$0) }
        #expect(Self.error(records, kind: .raw) == .tooMany(records: BatchHeader.countMax + 1))
        let bytes = Self.payload(kind: .raw) { Self.put(UInt32(BatchHeader.bodyBytesMax + 1), at: 12, in: &$0) }
        #expect(Self.error(bytes, kind: .raw) == .tooLarge(bytes: BatchHeader.bodyBytesMax + 1))
    }

    @Test("An encoder takes no more records than a batch may have")
    func count() {
        var raw = RawBatchEncoder(codec: .plain)
        var documents = DocumentBatchEncoder(codec: .plain)
        let taken = (0...BatchHeader.countMax).map { _ in
            [UInt8(ascii: "x")].withUnsafeBytes {
                (raw.append($0, offset: 0), documents.append(document: $0, id: EventIDTests.id(), time: 0))
            }
        }
        #expect(taken.dropLast().allSatisfy { $0 == (true, true) } && taken[BatchHeader.countMax] == (false, false))
    }

    @Test("An entry has a bounded number of dead letters, and each record is in one of them")
    func letters() {
        var dead = DeadLetters()
        for number in 0..<DeadLetters.countMax + 2 {
            Array("record \(number)".utf8).withUnsafeBytes {
                dead.append(DeadLetter(reason: "no", origin: .init(service: "s"), time: 0, bytes: $0))
            }
        }
        #expect(dead.recordCount == DeadLetters.countMax + 2 && dead.letters.count == DeadLetters.countMax)
        let last = dead.letters[DeadLetters.countMax - 1]
        #expect(String(decoding: last.bytes, as: UTF8.self) == "record 4095\nrecord 4096\nrecord 4097")
        #expect(last.size == last.bytes.count && last.reason == "the first of several records of one entry: no")
    }
}
