/// A seeded hash of object keys: fast on the short keys of JSON, and not predictable for the writer of the text.
@frozen public struct JSONKeyHash: Sendable {
    @usableFromInline let seed: UInt64

    /// A hash function of its own for each `seed`.
    @inlinable public init(seed: UInt64) { self.seed = seed }

    /// The hash of `count` bytes of a decoded key.
    public func callAsFunction(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt32 {
        if count >= 16 { return hash(bytes, count: count, readable: count) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { copy in
            copy.initialize(repeating: 0)
            for offset in 0..<count { copy[offset] = bytes[offset] }
            guard let base = copy.baseAddress else { return 0 }
            return hash(base, count: count, readable: 16)
        }
    }

    /// The same where at least 16 bytes may be read: all keys of up to 16 bytes take the same few steps.
    /// - Parameter readable: how many bytes may be read, at least 16 and `count`.
    @inline(__always)
    func hash(_ bytes: UnsafePointer<UInt8>, count: Int, readable: Int) -> UInt32 {
        assert(readable >= max(16, count))
        let raw = UnsafeRawPointer(bytes)
        var head = raw.loadUnaligned(as: UInt64.self).littleEndian
        var tail = raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        if count <= 8 {
            // What lies behind the key is masked away.
            head = count == 0 ? 0 : head & ~0 &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count)
            tail = 0
        } else if count <= 16 {
            tail &= ~0 &>> UInt64(truncatingIfNeeded: 128 &- 8 &* count)
        } else {
            var offset = 16
            while offset &+ 8 < count {
                head = Self.fold(
                    head ^ seed, raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
                offset &+= 8
            }
            head ^= raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self).littleEndian
        }
        return UInt32(
            truncatingIfNeeded: Self.fold(
                head ^ seed, tail ^ 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count) &<< 56))
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0x2545_F491_4F6C_DD1D).multipliedFullWidth(by: right | 1)
        return product.high ^ product.low
    }
}
