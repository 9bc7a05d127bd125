import Testing

@testable import EveReader

/// Keeps what an assembler passes on; wants no more after `linesWanted` lines.
struct LineCollector: LineSink {
    var lines: [String] = []
    var offsets: [UInt64] = []
    var oversize: [(prefixBytes: Int, length: UInt64, offset: UInt64)] = []
    var unterminated: [String] = []
    var linesWanted = Int.max

    mutating func append(_ line: UnsafeRawBufferPointer, at offset: UInt64) -> Bool {
        lines.append(String(decoding: line, as: UTF8.self))
        offsets.append(offset)
        return lines.count < linesWanted
    }

    mutating func reject(oversize prefix: UnsafeRawBufferPointer, length: UInt64, at offset: UInt64) -> Bool {
        oversize.append((prefix.count, length, offset))
        return true
    }

    mutating func append(unterminated line: UnsafeRawBufferPointer, at offset: UInt64) {
        unterminated.append(String(decoding: line, as: UTF8.self))
        offsets.append(offset)
    }
}

@Suite("Lines from chunks")
struct LineAssemblerTests {
    /// Feeds the text in chunks of a size.
    private func assemble(
        _ text: String, chunkBytes: Int, lineBytesMaximum: Int = 100
    ) -> (LineCollector, LineAssembler) {
        var assembler = LineAssembler(lineBytesMaximum: lineBytesMaximum)
        var collector = LineCollector()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunkBytes) {
            let chunk = bytes[start..<min(start + chunkBytes, bytes.count)]
            let used = chunk.withUnsafeBytes { assembler.consume($0, at: UInt64(start), into: &collector) }
            #expect(used == chunk.count)
        }
        return (collector, assembler)
    }

    @Test("Lines and their offsets are the same however the bytes arrive", arguments: [1, 2, 3, 5, 7, 100])
    func chunks(chunkBytes: Int) {
        let (collector, assembler) = assemble("one\ntwo\r\n\n\r\nthree\nfo", chunkBytes: chunkBytes)
        #expect(collector.lines == ["one", "two", "three"])
        #expect(collector.offsets == [0, 4, 12])
        #expect(assembler.pendingBytes == 2)
        #expect(assembler.settledOffset(at: 20) == 18)
    }

    @Test("NUL bytes before a line are passed over and counted", arguments: [1, 4, 100])
    func zeros(chunkBytes: Int) {
        let (collector, assembler) = assemble("\0\0\0one\n\0\0two\nth\0ree\n", chunkBytes: chunkBytes)
        #expect(collector.lines == ["one", "two", "th\0ree"])
        #expect(collector.offsets == [3, 9, 13])
        #expect(assembler.skippedZeroBytes == 5)
    }

    @Test("A line beyond the bound becomes a prefix and a length", arguments: [1, 10, 64, 1000])
    func oversize(chunkBytes: Int) {
        let long = String(repeating: "x", count: 101)
        let exact = String(repeating: "y", count: 100)
        let (collector, assembler) = assemble("\(long)\n\(exact)\nend\n", chunkBytes: chunkBytes)
        #expect(collector.lines == [exact, "end"])
        #expect(collector.oversize.map(\.length) == [101])
        #expect(collector.oversize.map(\.offset) == [0])
        #expect(collector.oversize.map(\.prefixBytes) == [101])
        #expect(assembler.settledOffset(at: 207) == 207)
    }

    @Test("Of an oversize line only the first kilobyte is kept in memory")
    func oversizePrefix() {
        var assembler = LineAssembler(lineBytesMaximum: 4096)
        var collector = LineCollector()
        let chunk = [UInt8](repeating: UInt8(ascii: "z"), count: 3000)
        for index in 0..<4 {
            let used = chunk.withUnsafeBytes { assembler.consume($0, at: UInt64(index * 3000), into: &collector) }
            #expect(used == 3000)
        }
        #expect(assembler.pendingBytes == LineAssembler.oversizePrefixBytes)
        #expect(assembler.settledOffset(at: 12000) == 0)
        _ = [UInt8]("\n".utf8).withUnsafeBytes { assembler.consume($0, at: 12000, into: &collector) }
        #expect(collector.oversize.map(\.length) == [12000])
        #expect(!assembler.isInsideLine)
    }

    @Test("A sink that wants no more gets no more, and the rest stays unused")
    func backpressure() {
        var assembler = LineAssembler(lineBytesMaximum: 100)
        var collector = LineCollector(linesWanted: 2)
        let used = Array("one\ntwo\nthree\n".utf8).withUnsafeBytes {
            assembler.consume($0, at: 0, into: &collector)
        }
        #expect(used == 8)
        #expect(collector.lines == ["one", "two"])
        #expect(assembler.settledOffset(at: 8) == 8)
    }

    @Test("Reading that starts inside a line drops the rest of it")
    func discarding() {
        var assembler = LineAssembler(lineBytesMaximum: 100)
        assembler.reset(discardingFirstLine: true)
        var collector = LineCollector()
        for (offset, text) in [(50, "rest"), (54, " of it\nnext\n")] {
            _ = Array(text.utf8).withUnsafeBytes { assembler.consume($0, at: UInt64(offset), into: &collector) }
        }
        #expect(collector.lines == ["next"])
        #expect(collector.offsets == [61])
    }

    @Test("The last line is passed on without its end, or only when it is whole")
    func unterminated() {
        for (text, whole, expected) in [
            (#"{"a":1}"#, true, [#"{"a":1}"#]), (#"{"a":1"#, true, []), (#"{"a":1"#, false, [#"{"a":1"#]),
            ("", false, []),
            ("\r", false, []),
        ] {
            var (collector, assembler) = assemble("one\n" + text, chunkBytes: 3)
            let isPassedOn = assembler.close(onlyWhole: whole, into: &collector)
            #expect(collector.unterminated == expected)
            #expect(isPassedOn == !expected.isEmpty)
            #expect(!assembler.isInsideLine)
        }
    }

    @Test(
        "A closed object is told from a cut one",
        arguments: [
            (#"{}"#, true), (#"{"a":{"b":1}}"#, true), (#"{"a":"}"}"#, true), (#"{"a":"\"}"}"#, true),
            (#"{"a":{"b":1}"#, false),
            (#"{"a":"}"#, false), (#"{"a":1}{"b":2}"#, false), (#"["a"]"#, false), ("", false), (#"{"a":1}x"#, false),
        ])
    func closedObjects(text: String, isClosed: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes(\.isClosedObject) == isClosed)
    }
}
