import Testing

@testable import ECSTransformer

@Suite("The table of fields")
struct ECSFieldTests {
    @Test("A slot is the place in the declaration")
    func slots() {
        #expect(ECSField.allCases.map(\.slot) == Array(0..<ECSField.count))
        #expect(EventMember.allCases.map(\.slot) == Array(EventMember.allCases.indices))
    }

    @Test("Fields are in the order of their names, so that each object is written once")
    func order() {
        let paths = ECSField.allCases.map { $0.rawValue.split(separator: ".").map(String.init) }
        #expect(paths.first == ["@timestamp"])
        for (path, next) in zip(paths.dropFirst(), paths.dropFirst(2)) {
            #expect(path.lexicographicallyPrecedes(next), "\(path) before \(next)")
            #expect(!next.starts(with: path), "\(path) is both a value and an object")
        }
    }

    @Test("Any set of fields is written as JSON with each key once", arguments: 0..<200)
    func writing(_ seed: Int) throws {
        var generator = SplitMix(state: UInt64(seed))
        var document = Document()
        let layout = FieldLayout()
        var eve = EventCopy()
        eve.reset(EncodedText("{}"))
        var expected: Set<String> = []
        for field in ECSField.allCases where Int.random(in: 0..<(seed % 7 + 2), using: &generator) == 0 {
            if field.isArray { document.append(field, "x") } else { document.set(field, "x") }
            expected.insert(field.rawValue)
        }
        let capacity = document.writtenBytesMax(layout) + eve.writtenBytesMax
        let output = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        defer { output.deallocate() }
        let count = document.write(to: output, layout: layout, eve: eve)
        #expect(count <= capacity)
        let written = try MappedEvent(
            MappedDocument(
                bytes: UnsafeRawBufferPointer(start: output, count: count), time: 0, isTimeUsable: true, typeIndex: 0))
        #expect(Set(written.fields.keys) == expected)
    }
}

/// A generator with a seed, after Steele, Lea and Flood's SplitMix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
