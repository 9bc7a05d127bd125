/// A packet as a capture file, for Wireshark and its like.
enum PacketFile {
    /// The bytes of a file in the format of libpcap 2.4 with one packet, in little-endian order.
    ///
    /// - Parameters:
    ///   - linkType: as libpcap numbers them; 1 is Ethernet.
    ///   - time: nanoseconds since the epoch.
    static func bytes(of packet: [UInt8], linkType: UInt32, at time: Int64) -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let count = UInt32(truncatingIfNeeded: packet.count)
        // Magic, version 2.4, time zone, accuracy, the longest packet, link type.
        let header = number(0xA1B2_C3D4) + [2, 0, 4, 0] + number(0) + number(0) + number(262_144) + number(linkType)
        let seconds = UInt32(truncatingIfNeeded: time / 1_000_000_000)
        let microseconds = UInt32(truncatingIfNeeded: time % 1_000_000_000 / 1_000)
        return header + number(seconds) + number(microseconds) + number(count) + number(count) + packet
    }
}

/// Bytes as RFC 4648 writes them with 64 characters.
enum Base64 {
    /// The bytes; nil for a text that is not of this form.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        var isOver = false
        for character in text.utf8 {
            if character == UInt8(ascii: "=") {
                isOver = true
                continue
            }
            guard !isOver, let value = value(character) else { return nil }
            bits = bits << 6 | value
            count += 1
            if count % 4 == 0 { bytes += [UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)] }
        }
        switch count % 4 {
        case 2: bytes.append(UInt8(bits >> 4 & 0xFF))
        case 3: bytes += [UInt8(bits >> 10 & 0xFF), UInt8(bits >> 2 & 0xFF)]
        case 1: return nil
        default: break
        }
        return bytes
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
