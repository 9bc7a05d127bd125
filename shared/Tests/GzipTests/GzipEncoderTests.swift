import CZlib
import Testing

@testable import Gzip

@Suite struct GzipEncoderTests {
    @Test(arguments: [0, 1, 70_000, 1_000_000])
    func unpacksToTheSame(count: Int) throws {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<count).map { index in
            index % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8(truncatingIfNeeded: index)
        }
        let encoder = try GzipEncoder()
        // Twice, as the state is kept.
        for _ in 0..<2 {
            let packed = encoder.encode(bytes)
            #expect(packed.prefix(2) == [0x1f, 0x8b])
            #expect(unpack(packed, room: count + 1) == bytes)
        }
    }

    private func unpack(_ packed: [UInt8], room: Int) -> [UInt8]? {
        var input = packed
        return input.withUnsafeMutableBufferPointer { input in
            var stream = z_stream()
            guard inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                return nil
            }
            defer { inflateEnd(&stream) }
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            var isWhole = false
            let output = [UInt8](unsafeUninitializedCapacity: room) { output, count in
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(room)
                isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END
                count = room - Int(stream.avail_out)
            }
            return isWhole ? output : nil
        }
    }
}
