/// An IPv4 or IPv6 address.
@frozen public struct IPAddress: Hashable, Sendable {
    /// The first 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// The last 64 bits of an IPv6 address; for IPv4 `0xFFFF` and the address, as in `::ffff:0:0/96` (RFC 4291, section
    /// 2.5.5.2).
    public let low: UInt64
    /// Whether it is an IPv4 address, rather than an IPv6 address that stands for one.
    public let isIPv4: Bool

    @inlinable init(high: UInt64, low: UInt64, isIPv4: Bool) {
        self.high = high
        self.low = low
        self.isIPv4 = isIPv4
    }

    /// Reads an address as Suricata writes it: dotted IPv4, or IPv6 with or without `::` and leading zeros.
    ///
    /// - Returns: nil for everything else, also for an IPv4 number with a leading zero, which some readers take for an octal
    ///   one, and for an address with a zone (`fe80::1%eth0`).
    public init?(text: UnsafeRawBufferPointer) {
        if text.firstIndex(of: UInt8(ascii: ":")) == nil {
            guard let address = Self.ipv4(text) else { return nil }
            self.init(ipv4: address)
        } else {
            guard let (high, low) = Self.ipv6(text) else { return nil }
            self.init(high: high, low: low, isIPv4: false)
        }
    }

    /// The same of a Swift text.
    public init?(_ text: String) {
        guard let address = Array(text.utf8).withUnsafeBytes({ IPAddress(text: $0) }) else { return nil }
        self = address
    }

    /// An address of 4 or 16 bytes in network order; nil for any other number of them.
    public init?(bytes: UnsafeRawBufferPointer) {
        switch bytes.count {
        case 4: self.init(ipv4: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        case 16:
            self.init(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), isIPv4: false)
        default: return nil
        }
    }

    private init(ipv4 address: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(address), isIPv4: true)
    }

    /// Whether this is `0.0.0.0` or `::`.
    public var isUnspecified: Bool { high == 0 && (low == 0 || isIPv4 && UInt32(truncatingIfNeeded: low) == 0) }

    private static func ipv4(_ text: UnsafeRawBufferPointer) -> UInt32? {
        guard text.count >= 7, text.count <= 15 else { return nil }
        var address: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in text {
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                guard digits < 3, digits == 0 || octet > 0 else { return nil }
                octet = octet &* 10 &+ UInt32(digit)
                digits &+= 1
                guard octet < 256 else { return nil }
            } else {
                guard byte == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
                address = address &<< 8 | octet
                (octet, digits) = (0, 0)
                dots &+= 1
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return address &<< 8 | octet
    }

    private static func ipv6(_ text: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64)? {
        guard text.count >= 2, text.count <= 45 else { return nil }
        // Groups before `::` go to the front, those behind it are gathered apart and end up at the back.
        var front: (high: UInt64, low: UInt64) = (0, 0)
        var back: (high: UInt64, low: UInt64) = (0, 0)
        var frontGroups = 0
        var backGroups = 0
        var hasGap = false
        func push(_ group: UInt64) {
            if hasGap {
                back = (back.high &<< 16 | back.low &>> 48, back.low &<< 16 | group)
                backGroups &+= 1
            } else {
                front = (front.high &<< 16 | front.low &>> 48, front.low &<< 16 | group)
                frontGroups &+= 1
            }
        }
        var offset = 0
        if text[0] == UInt8(ascii: ":") {
            guard text[1] == UInt8(ascii: ":") else { return nil }
            hasGap = true
            offset = 2
        }
        while offset < text.count {
            let end = text[offset...].firstIndex(of: UInt8(ascii: ":")) ?? text.count
            let group = UnsafeRawBufferPointer(rebasing: text[offset..<end])
            guard frontGroups + backGroups < 8 else { return nil }
            if end == text.count, group.firstIndex(of: UInt8(ascii: ".")) != nil {
                guard frontGroups + backGroups < 7, let address = ipv4(group) else { return nil }
                push(UInt64(address &>> 16))
                push(UInt64(address & 0xFFFF))
                break
            }
            guard let value = hexadecimal(group) else { return nil }
            push(value)
            guard end < text.count else { break }
            offset = end + 1
            guard offset < text.count else { return nil }
            if text[offset] == UInt8(ascii: ":") {
                guard !hasGap else { return nil }
                hasGap = true
                offset += 1
            }
        }
        let groups = frontGroups + backGroups
        guard hasGap ? groups < 8 : groups == 8 else { return nil }
        for _ in frontGroups..<8 { front = (front.high &<< 16 | front.low &>> 48, front.low &<< 16) }
        return (front.high | back.high, front.low | back.low)
    }

    private static func hexadecimal(_ group: UnsafeRawBufferPointer) -> UInt64? {
        guard group.count >= 1, group.count <= 4 else { return nil }
        var value: UInt64 = 0
        for byte in group {
            let digit = byte &- UInt8(ascii: "0")
            let letter = (byte | 0x20) &- UInt8(ascii: "a")
            guard digit < 10 || letter < 6 else { return nil }
            value = value &<< 4 | UInt64(digit < 10 ? digit : letter &+ 10)
        }
        return value
    }
}
