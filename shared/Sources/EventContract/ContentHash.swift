import CXXHash

/// Fast hashes of content, to recognise it again; no defence against someone who forges it.
public enum ContentHash {
    /// XXH3-64 of the bytes.
    public static func bits64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        xxh3_64(bytes.baseAddress, bytes.count)
    }

    /// XXH3-128 of the bytes, in two halves.
    public static func bits128(_ bytes: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
        let hash = xxh3_128(bytes.baseAddress, bytes.count, 0)
        return (hash.high64, hash.low64)
    }
}
