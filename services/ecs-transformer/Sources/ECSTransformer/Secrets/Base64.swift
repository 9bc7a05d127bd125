/// Base 64 with padding (RFC 4648), as Suricata writes bytes.
enum Base64 {
    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// For each byte its six bits; 64 for those that are no digit.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for value in 0..<64 { values[Int(digits.utf8Start[value])] = UInt8(value) }
        return values
    }()

    /// Replaces what `output` holds by the bytes that `text` stands for.
    /// - Returns: whether it was all base 64.
    static func decode(_ text: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        guard text.count % 4 == 0 else { return false }
        let padding = text.suffix(2).reduce(0) { $0 + ($1 == UInt8(ascii: "=") ? 1 : 0) }
        let byteCount = text.count / 4 * 3 - padding
        output = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { bytes, count in
            values.withUnsafeBufferPointer { values in
                var invalid: UInt8 = 0
                for group in 0..<text.count / 4 {
                    var bits: UInt32 = 0
                    for offset in 4 &* group..<4 &* group &+ 4 {
                        let value = offset &+ padding < text.count ? values[Int(text[offset])] : 0
                        invalid |= value
                        bits = bits &<< 6 | UInt32(value & 63)
                    }
                    bytes[3 &* group] = UInt8(truncatingIfNeeded: bits &>> 16)
                    bytes[3 &* group &+ 1] = UInt8(truncatingIfNeeded: bits &>> 8)
                    bytes[3 &* group &+ 2] = UInt8(truncatingIfNeeded: bits)
                }
                count = invalid < 64 ? byteCount : 0
            }
        }
        return output.count == byteCount
    }

    /// Appends the digits for `bytes`.
    static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let count = min(3, bytes.count - offset)
            var bits: UInt32 = 0
            for index in 0..<3 { bits = bits << 8 | (index < count ? UInt32(bytes[offset + index]) : 0) }
            for index in 0..<4 {
                let digit = digits.utf8Start[Int(bits >> UInt32(18 - 6 * index) & 63)]
                output.append(index <= count ? digit : UInt8(ascii: "="))
            }
            offset += 3
        }
    }
}
