/// Base 64 with padding (RFC 4648), as Suricata writes bytes.
enum Base64 {
    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// For each byte its six bits; 64 for a byte that is not a digit.
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

    /// Whether all of `text` are digits, without padding.
    static func isDigits(_ text: UnsafeRawBufferPointer) -> Bool {
        values.withUnsafeBufferPointer { values in text.allSatisfy { values[Int($0)] < 64 } }
    }

    /// How many digits, with padding, stand for so many bytes.
    static func digitCount(byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

    /// Writes the digits for `bytes` to `output`, which has room for ``digitCount(byteCount:)`` of them.
    static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>) {
        let digits = Self.digits.utf8Start
        var out = output
        for offset in stride(from: 0, to: bytes.count, by: 3) {
            let second = offset &+ 1 < bytes.count ? bytes[offset &+ 1] : 0
            let third = offset &+ 2 < bytes.count ? bytes[offset &+ 2] : 0
            let bits = Int(bytes[offset]) &<< 16 | Int(second) &<< 8 | Int(third)
            out[0] = digits[bits &>> 18]
            out[1] = digits[bits &>> 12 & 63]
            out[2] = digits[bits &>> 6 & 63]
            out[3] = digits[bits & 63]
            out += 4
        }
        for end in 0..<(3 - bytes.count % 3) % 3 { out[-1 - end] = UInt8(ascii: "=") }
    }

    /// Appends the digits for `bytes`.
    static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output += [UInt8](unsafeUninitializedCapacity: digitCount(byteCount: bytes.count)) { digits, count in
            guard let start = digits.baseAddress else { return }
            write(bytes, to: start)
            count = digitCount(byteCount: bytes.count)
        }
    }
}
