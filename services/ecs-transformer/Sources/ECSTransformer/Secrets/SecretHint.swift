/// The letters with which everything starts that `SentSecrets` knows: most of what is sent has none of them.
///
/// They are `pas`, `pwd`, `aut`, `apo`, `log`, `sip`, `mqt` and `mqi` in any case, `://`, and the bytes 2 and 1, with which
/// a version starts in BER. Some others that differ from these in one bit are taken for them.
enum SecretHint {
    /// How many places are looked at together.
    private static let placeCount = 8

    /// The first place from `offset` on where a secret may be named.
    static func next(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var offset = offset
        while offset &+ placeCount &+ 2 <= bytes.count {
            let found = matches(
                (base + offset).loadUnaligned(as: UInt64.self),
                (base + offset).loadUnaligned(fromByteOffset: 1, as: UInt64.self),
                (base + offset).loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            if found != 0 { return offset &+ found.trailingZeroBitCount &>> 3 }
            offset &+= placeCount
        }
        while offset &+ 2 < bytes.count {
            let found = matches(UInt64(bytes[offset]), UInt64(bytes[offset &+ 1]), UInt64(bytes[offset &+ 2]))
            if found & 0x80 != 0 { return offset }
            offset &+= 1
        }
        return nil
    }

    /// Eight first bytes and those that follow each, as little-endian words. The lowest bit that is set is the highest
    /// of the first byte with which something starts; bits above it mean nothing.
    @inline(__always)
    private static func matches(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64 {
        let (a, b, c) = (first | all(0x20), second | all(0x20), third | all(0x20))
        // Zero where the bytes are these.
        func differ(_ x: Unicode.Scalar, _ y: Unicode.Scalar, _ z: Unicode.Scalar) -> UInt64 {
            (a ^ all(UInt8(ascii: x))) | (b ^ all(UInt8(ascii: y))) | (c ^ all(UInt8(ascii: z)))
        }
        // The highest bit of the first byte that is zero.
        func zero(_ word: UInt64) -> UInt64 { (word &- all(1)) & ~word & all(0x80) }
        return zero(differ("p", "a", "s")) | zero(differ("p", "w", "d")) | zero(differ("a", "u", "t"))
            | zero(differ("a", "p", "o")) | zero(differ("l", "o", "g")) | zero(differ("s", "i", "p"))
            | zero(differ("m", "q", "t")) | zero(differ("m", "q", "i")) | zero(differ(":", "/", "/"))
            | zero((first ^ all(2)) | (second ^ all(1)))
    }

    /// The byte in all places of a word.
    @inline(__always)
    private static func all(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }
}
