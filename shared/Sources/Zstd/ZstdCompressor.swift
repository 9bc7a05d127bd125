import CZstd

/// Compresses whole buffers into one frame each with a context that is kept, so that nothing is allocated per call.
///
/// The window is held to 1 MiB (window log 20): a batch is about half of that, and a reader needs no more memory than
/// the batch itself. Not for use by two threads at once.
public final class ZstdCompressor {
    private let context: OpaquePointer
    private var scratch: [UInt8] = []
    /// The largest scratch that is kept: what one huge buffer needs is given back.
    private static let scratchBytesKept = 4 << 20

    /// - Parameter level: -7 (fastest) to 19; what lies outside is moved to the nearest.
    public init(level: Int) {
        guard let context = ZSTD_createCCtx() else {
            preconditionFailure("no memory for a zstd context")
        }
        self.context = context
        let level = Int32(min(max(level, -7), 19))
        // Neither can fail: both values are inside the bounds that zstd documents for every version since 1.4.
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 20)
        guard level == 1 else { return }
        // Level 1, but with a step of two bytes where nothing matches, and a larger table that makes up for a part of what
        // that misses: a sixth faster both ways for a sixth more bytes (docs/decisions/zstd-level.md).
        ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, 2)
        ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 15)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// Appends the frame to `output`. The frame names the size of its content.
    /// - Throws: `ZstdError` when memory runs out.
    public func compress(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(ZstdError) {
        let bound = ZSTD_compressBound(input.count)
        if scratch.count < bound {
            scratch = [UInt8](unsafeUninitializedCapacity: bound) { _, count in count = bound }
        }
        let written = scratch.withUnsafeMutableBytes { scratch in
            ZSTD_compress2(context, scratch.baseAddress, scratch.count, input.baseAddress, input.count)
        }
        guard ZSTD_isError(written) == 0 else { throw ZstdError(String(cString: ZSTD_getErrorName(written))) }
        output.reserveCapacity(output.count + written)
        output.append(contentsOf: scratch[..<written])
        if scratch.count > Self.scratchBytesKept { scratch = [] }
    }
}
