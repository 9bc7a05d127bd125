import CZlib

/// Packs request bodies; keeps zlib's state (some 270 KB) from one to the next.
public final class Gzip {
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 (fast) to 9 (small).
    /// - Throws: ``HTTPError`` when zlib has no memory.
    public init(level: Int = 1) throws(HTTPError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init_gzip(stream, Int32(min(max(level, 1), 9))) == Z_OK else {
            stream.deallocate()
            throw HTTPError(code: .other, message: "zlib has no memory")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Reads the whole body and gives it packed, as one gzip member.
    public func compress(_ body: any HTTPBody) -> [UInt8] {
        deflateReset(stream)
        body.rewind()
        let bound = Int(deflateBound(stream, UInt(body.byteCount)))
        var chunk = [UInt8](repeating: 0, count: min(64 * 1024, max(1, body.byteCount)))
        return [UInt8](unsafeUninitializedCapacity: bound) { output, outputCount in
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(bound)
            var count = 0
            repeat {
                chunk.withUnsafeMutableBytes { bytes in
                    count = body.read(into: bytes)
                    stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_in = UInt32(count)
                    // The output has room for the worst case, so each call takes all of its input.
                    deflate(stream, count == 0 ? Z_FINISH : Z_NO_FLUSH)
                }
            } while count > 0
            outputCount = bound - Int(stream.pointee.avail_out)
        }
    }
}
