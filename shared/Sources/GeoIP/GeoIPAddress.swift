import Glibc

/// An IP address as the databases are asked for it.
public struct GeoIPAddress: Hashable, Sendable {
    /// The address in network byte order; an IPv4 address in its IPv6-mapped form (RFC 4291, section 2.5.5.2).
    private let high: UInt64
    private let low: UInt64

    /// - Parameters:
    ///   - high: the first 64 bits of an IPv6 address; 0 for an IPv4 address.
    ///   - low: the last 64 bits; `0xffff` and the address for an IPv4 address.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter bytes: 4 or 16 bytes in network order; nil for any other number of them.
    public init?(bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 4:
            high = 0
            low = 0xffff << 32 | UInt64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        case 16:
            high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        default: return nil
        }
    }

    func withSocketAddress<Result>(_ use: (UnsafePointer<sockaddr>) -> Result) -> Result {
        if high == 0, low >> 32 == 0xffff {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            return withUnsafeBytes(of: &address) { use($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        withUnsafeMutableBytes(of: &address.sin6_addr) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafeBytes(of: &address) { use($0.baseAddress!.assumingMemoryBound(to: sockaddr.self)) }
    }
}
