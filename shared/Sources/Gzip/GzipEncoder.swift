import CZlib

/// Packs bytes as gzip; keeps zlib's state (some 270 KB) from one body to the next. Not for use by two threads at once.
public final class GzipEncoder {
    /// zlib has no memory.
    public struct NoMemoryError: Error {}

    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 (fast) to 9 (small).
    /// - Throws: ``NoMemoryError``.
    public init(level: Int = 1) throws(NoMemoryError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init_gzip(stream, Int32(min(max(level, 1), 9))) == Z_OK else {
            stream.deallocate()
            throw NoMemoryError()
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Packs what is read, as one gzip member.
    ///
    /// - Parameters:
    ///   - byteCount: how many bytes all reads give together.
    ///   - read: copies the next bytes into the buffer and says how many; 0 only at the end.
    public func encode(byteCount: Int, read: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(byteCount)))
        var chunk = [UInt8](repeating: 0, count: min(64 * 1024, max(1, byteCount)))
        return [UInt8](unsafeUninitializedCapacity: bound) { output, outputCount in
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(bound)
            var count = 0
            repeat {
                chunk.withUnsafeMutableBytes { bytes in
                    count = read(bytes)
                    stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_in = UInt32(count)
                    // The output has room for the worst case, so each call takes all of its input.
                    deflate(stream, count == 0 ? Z_FINISH : Z_NO_FLUSH)
                }
            } while count > 0
            outputCount = bound - Int(stream.pointee.avail_out)
        }
    }

    /// Packs bytes, as one gzip member.
    public func encode(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        return encode(byteCount: bytes.count) { buffer in
            let part = rest.prefix(buffer.count)
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }
}
