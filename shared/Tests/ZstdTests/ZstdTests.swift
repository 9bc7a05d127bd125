import Testing

@testable import Zstd

@Suite("zstd")
struct ZstdTests {
    static let text = Array(String(repeating: "{\"event_type\":\"flow\",\"src_ip\":\"10.0.0.1\"}\n", count: 5_000).utf8)

    @Test("What was compressed comes back", arguments: [-99, -7, -1, 1, 9, 99], [0, 1, 200_000])
    func roundTrip(level: Int, size: Int) throws {
        let input = Array(Self.text.prefix(size))
        let compressor = ZstdCompressor(level: level)
        // Twice, because the context is used again.
        for _ in 1...2 {
            var frame: [UInt8] = [7]
            try input.withUnsafeBytes { try compressor.compress($0, into: &frame) }
            #expect(frame[0] == 7, "the frame is appended")
            #expect(size < 100_000 || frame.count < size / 5)
            let output = try frame[1...].withUnsafeBytes { try ZstdDecompressor().decompress($0, size: size) }
            #expect(output == input)
        }
    }

    @Test("A frame that holds more or less than promised is refused")
    func wrongSize() throws {
        var frame: [UInt8] = []
        try Self.text.withUnsafeBytes { try ZstdCompressor(level: 1).compress($0, into: &frame) }
        for size in [0, Self.text.count - 1, Self.text.count + 1] {
            #expect(throws: ZstdError.self) {
                try frame.withUnsafeBytes { try ZstdDecompressor().decompress($0, size: size) }
            }
        }
    }

    @Test("Bytes that are no frame, or a part of one, are refused")
    func garbage() throws {
        var frame: [UInt8] = []
        try Self.text.withUnsafeBytes { try ZstdCompressor(level: 1).compress($0, into: &frame) }
        var damaged = frame
        damaged[frame.count / 2] ^= 0xff
        for input in [[], [1, 2, 3], Array(frame.dropLast(5)), damaged] {
            // A flipped bit may decompress to other bytes of the same size: the frame carries no check sum.
            let output = try? input.withUnsafeBytes { try ZstdDecompressor().decompress($0, size: Self.text.count) }
            #expect(output == nil || output != Self.text)
        }
    }
}
