import CZstd

/// Decompresses single frames of a known content size with a context that is kept.
///
/// Not for use by two threads at once.
public final class ZstdDecompressor {
    private let context: OpaquePointer

    /// Makes the context (about 100 KB).
    public init() {
        guard let context = ZSTD_createDCtx() else {
            preconditionFailure("no memory for a zstd context")
        }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// The content of one frame, which must be exactly `size` bytes long: no frame can make this use more memory.
    /// - Throws: `ZstdError` when the input is not such a frame.
    public func decompress(_ input: UnsafeRawBufferPointer, size: Int) throws(ZstdError) -> [UInt8] {
        var written = 0
        let output = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            written = ZSTD_decompressDCtx(context, buffer.baseAddress, size, input.baseAddress, input.count)
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard ZSTD_isError(written) == 0 else { throw ZstdError(String(cString: ZSTD_getErrorName(written))) }
        guard written == size else { throw ZstdError("the frame holds \(written) bytes, not \(size)") }
        return output
    }
}
