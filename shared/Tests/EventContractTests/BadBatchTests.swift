import Testing

@testable import EventContract

@Suite("Batches that are none")
struct BadBatchTests {
    /// A good payload with one byte changed.
    static func payload(_ codec: BatchCodec = .plain, changing index: Int, to value: UInt8) -> [UInt8] {
        var payload = BatchTests.rawPayload(codec: codec)
        payload[index] = value
        return payload
    }

    static func error(_ payload: [UInt8]) -> ContractError? {
        do throws(ContractError) {
            _ = try RawBatch(decoding: payload)
            return nil
        } catch {
            return error
        }
    }

    @Test("A newer version is told from garbage")
    func newerVersion() {
        #expect(Self.error(Self.payload(changing: 4, to: 2)) == .newerVersion(2))
        // The rest of a newer layout may be anything.
        #expect(Self.error(Array("IDSB".utf8) + [9]) == .newerVersion(9))
        #expect(Self.error(Self.payload(changing: 4, to: 0)) == .notABatch)
    }

    @Test("Each broken part of a header has its own error")
    func header() {
        #expect(Self.error([]) == .notABatch)
        #expect(Self.error(Array("hello, world".utf8)) == .notABatch)
        #expect(Self.error(Self.payload(changing: 0, to: 0)) == .notABatch)
        #expect(Self.error(Self.payload(changing: 5, to: 2)) == .unexpectedKind(2))
        #expect(Self.error(Self.payload(changing: 6, to: 9)) == .unknownCodec(9))
        #expect(Self.error(Self.payload(changing: 7, to: 1)) == .unknownCodec(1))
        #expect(Self.error(Self.payload(changing: 15, to: 0xff)) == .tooLarge(bytes: 0xff00_0000 + body))
        #expect(Self.error(Self.payload(changing: 8, to: 49)) == .corruptBody("50 lines instead of 49"))
    }

    private var body: Int { BatchTests.lines.reduce(0) { $0 + $1.utf8.count + 8 } }

    @Test("A documents batch is no raw batch")
    func kinds() throws {
        var encoder = DocumentBatchEncoder()
        BatchTests.add("{}", id: EventIDTests.id(), time: 0, to: &encoder)
        let header = BatchHeader(
            kind: .raw, readTime: 0, identity: BatchTests.identity, sensor: "", sourcePath: "")
        let payload = encoder.finish(from: header)
        #expect(Self.error(payload) == .unexpectedKind(2))
        #expect(throws: ContractError.unexpectedKind(1)) {
            try DocumentBatch(decoding: BatchTests.rawPayload(codec: .plain))
        }
    }

    @Test("An id that could break out of JSON is refused", arguments: ["\"", "w", "A", "/", ":", "`", "\u{0}"])
    func idCharacters(character: String) throws {
        var encoder = DocumentBatchEncoder(codec: .plain)
        BatchTests.add("{}", id: EventIDTests.id(), time: 0, to: &encoder)
        let header = BatchHeader(
            kind: .raw, readTime: 0, identity: BatchTests.identity, sensor: "", sourcePath: "")
        var payload = encoder.finish(from: header)
        #expect(try DocumentBatch(decoding: payload).count == 1)
        payload[72 + 4 + 12 + 31] = Array(character.utf8)[0]
        #expect(throws: ContractError.corruptBody("an id has other characters")) {
            try DocumentBatch(decoding: payload)
        }
    }

    @Test("A batch cut at any byte is refused", arguments: [BatchCodec.plain, .zstd(level: 1)])
    func cut(codec: BatchCodec) {
        let payload = BatchTests.rawPayload(codec: codec)
        for length in 0..<payload.count {
            guard Self.error(Array(payload[..<length])) != nil else {
                Issue.record("a batch cut to \(length) bytes was taken")
                return
            }
        }
    }

    @Test("No single changed byte brings the decoder down", arguments: [BatchCodec.plain, .zstd(level: 1)])
    func changed(codec: BatchCodec) {
        let payload = BatchTests.rawPayload(codec: codec)
        var generator = SystemRandomNumberGenerator()
        for index in payload.indices {
            var damaged = payload
            damaged[index] ^= UInt8.random(in: 1...255, using: &generator)
            guard let batch = try? RawBatch(decoding: damaged) else { continue }
            var bytes = 0
            batch.forEachLine { line, _ in bytes += line.count }
            #expect(bytes <= batch.header.bodyBytes)
        }
    }

    @Test("Lengths that point outside are found")
    func lengths() throws {
        let bodyStart = 72 + 2 + 13 + 2 + 22
        var payload = BatchTests.rawPayload(codec: .plain)
        payload[bodyStart + 3] = 0xff
        #expect(Self.error(payload) == .corruptBody("a line reaches over the end"))
    }
}
