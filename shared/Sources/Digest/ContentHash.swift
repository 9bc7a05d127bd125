import CXXHash

/// Fast hashes of content, to recognise it again; no defence against someone who forges it.
public enum ContentHash {
    /// XXH3-64 of the bytes.
    public static func bits64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        xxh3_64(bytes.baseAddress, bytes.count)
    }

    /// XXH3-128 of the bytes, in two halves.
    ///
    /// - Parameter seed: hashes with different seeds have nothing to do with each other.
    public static func bits128(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> (high: UInt64, low: UInt64) {
        let hash = xxh3_128(bytes.baseAddress, bytes.count, seed)
        return (hash.high64, hash.low64)
    }
}
