/// The text side of JSON: escapes, quotes, integers and repair.
public enum JSONText {
    /// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
    public static func appendQuoted(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        appendEscaped(text, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends `text` as a JSON string with its quotes.
    public static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0), to: &output) }
    }

    /// Appends `text` as it stands between the quotes of a JSON string. Bytes that are not UTF-8 become U+FFFD.
    public static func appendEscaped(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        // What needs no escape is copied in runs.
        var (runStart, offset) = (0, 0)
        func appendRun() {
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[runStart..<offset]))
        }
        while offset < text.count {
            let byte = base[offset]
            if byte >= 0x80 {
                let length = UTF8Sequence.length(base + offset, available: text.count - offset)
                guard length > 0 else {
                    appendRun()
                    let repaired = repairedUTF8(UnsafeRawBufferPointer(rebasing: text[offset...]))
                    return repaired.withUnsafeBytes { appendEscaped($0, to: &output) }
                }
                offset += length
            } else if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                appendRun()
                appendEscape(of: byte, to: &output)
                offset += 1
                runStart = offset
            } else {
                offset += 1
            }
        }
        appendRun()
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            let digits: StaticString = "0123456789abcdef"
            output += [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")]
            output.append(digits.utf8Start[Int(byte >> 4)])
            output.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    /// Appends the decoded text of `content`, which stands between the quotes of a well-formed JSON string. The escape of
    /// half a surrogate pair becomes U+FFFD.
    public static func appendDecoded(_ content: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var offset = 0
        while offset < content.count {
            guard content[offset] == UInt8(ascii: "\\"), offset + 1 < content.count else {
                var end = offset + 1
                while end < content.count, content[end] != UInt8(ascii: "\\") { end += 1 }
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[offset..<end]))
                offset = end
                continue
            }
            let escape = content[offset + 1]
            offset += 2
            switch escape {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                let scalar = decodedScalar(content, at: &offset)
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: output.append(escape)
            }
        }
    }

    /// Reads the four digits after `\u`, and the other half when they are the first half of a surrogate pair.
    private static func decodedScalar(_ content: UnsafeRawBufferPointer, at offset: inout Int) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        guard let unit = codeUnit(content, at: offset) else {
            offset = content.count
            return replacement
        }
        offset += 4
        guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(unit) ?? replacement }
        guard offset + 2 <= content.count, content[offset] == UInt8(ascii: "\\"),
            content[offset + 1] == UInt8(ascii: "u"), let second = codeUnit(content, at: offset + 2),
            second & 0xFC00 == 0xDC00
        else { return replacement }
        offset += 6
        return Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + second & 0x3FF) ?? replacement
    }

    private static func codeUnit(_ content: UnsafeRawBufferPointer, at offset: Int) -> UInt32? {
        guard offset + 4 <= content.count else { return nil }
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard let digit = hexValue(content[index]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// Whether two texts of `count` bytes are the same.
    ///
    /// Eight bytes at a time; where one text and the count are constants, that becomes a few comparisons of constants.
    @inlinable @inline(__always)
    public static func areEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int) -> Bool {
        let (left, right) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
        var offset = 0
        while offset &+ 8 <= count {
            guard
                left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset &+= 8
        }
        while offset < count {
            guard
                left.load(fromByteOffset: offset, as: UInt8.self) == right.load(fromByteOffset: offset, as: UInt8.self)
            else { return false }
            offset &+= 1
        }
        return true
    }

    /// The value of a hexadecimal digit of either case; nil for any other byte.
    @inlinable public static func hexValue(_ byte: UInt8) -> UInt8? {
        let digit = byte &- UInt8(ascii: "0")
        if digit < 10 { return digit }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The value of an optional `-` and digits; nil for anything else and outside of the range of `Int64`.
    @inlinable public static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var offset = isNegative ? 1 : 0
        guard offset < text.count else { return nil }
        var value: Int64 = 0
        while offset < text.count {
            let digit = text[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            // Counted downwards, because the lowest Int64 has no positive counterpart.
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (difference, carry) = shifted.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { return nil }
            value = difference
            offset &+= 1
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    /// The value of a number that is whole, however it is written (`2`, `2.0`, `2e0`); nil for anything else and outside of
    /// the range of `Int64`.
    @inlinable public static func wholeNumber(_ text: UnsafeRawBufferPointer) -> Int64? {
        if let integer = integer(text) { return integer }
        guard let number = scaled(text, byPowerOfTen: 0), number.isExact else { return nil }
        return number.whole
    }

    /// A number as RFC 8259 writes them (zeros may lead) times 10 to the `power`: its whole part, and whether that is all of
    /// it; nil for anything else and outside of the range of `Int64`. No digit gets lost on the way, as in a `Double`.
    public static func scaled(
        _ text: UnsafeRawBufferPointer, byPowerOfTen power: Int
    ) -> (whole: Int64, isExact: Bool)? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = (isNegative ? 1 : 0)..<endOfDigits(text, from: isNegative ? 1 : 0)
        var fraction = digits.upperBound..<digits.upperBound
        if digits.upperBound < text.count, text[digits.upperBound] == UInt8(ascii: ".") {
            fraction = digits.upperBound + 1..<endOfDigits(text, from: digits.upperBound + 1)
            guard !fraction.isEmpty else { return nil }
        }
        guard !digits.isEmpty, let exponent = exponent(text, from: fraction.upperBound) else { return nil }
        // Where the point stands among the digits once the number is scaled.
        let point = digits.count + exponent + power
        var (whole, isExact, position): (Int64, Bool, Int) = (0, true, 0)
        for range in [digits, fraction] {
            for index in range {
                let digit = text[index] - UInt8(ascii: "0")
                if position >= point {
                    isExact = isExact && digit == 0
                } else if let next = shifted(whole, by: digit) {
                    whole = next
                } else {
                    return nil
                }
                position += 1
            }
        }
        while whole != 0, position < point {
            guard let next = shifted(whole, by: 0) else { return nil }
            whole = next
            position += 1
        }
        // Counted downwards, because the lowest Int64 has no positive counterpart.
        guard !isNegative else { return (whole, isExact) }
        return whole == .min ? nil : (-whole, isExact)
    }

    private static func endOfDigits(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var end = start
        while end < text.count, text[end] &- UInt8(ascii: "0") < 10 { end += 1 }
        return end
    }

    /// The exponent that the text ends with, 0 when it ends here; nil for anything else. One that is larger than any
    /// text is long counts as just that large.
    private static func exponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < text.count else { return 0 }
        guard text[start] | 0x20 == UInt8(ascii: "e"), start + 1 < text.count else { return nil }
        let isSigned = text[start + 1] == UInt8(ascii: "+") || text[start + 1] == UInt8(ascii: "-")
        let first = start + (isSigned ? 2 : 1)
        guard first < text.count, endOfDigits(text, from: first) == text.count else { return nil }
        let magnitude = text[first...].reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), exponentMax) }
        return text[start + 1] == UInt8(ascii: "-") ? -magnitude : magnitude
    }

    /// More than the bytes that a text can have.
    private static let exponentMax = 1 << 33

    @inline(__always)
    private static func shifted(_ negative: Int64, by digit: UInt8) -> Int64? {
        let (tenfold, overflow) = negative.multipliedReportingOverflow(by: 10)
        let (difference, carry) = tenfold.subtractingReportingOverflow(Int64(digit))
        return overflow || carry ? nil : difference
    }

    /// Appends the decimal digits of `value`.
    public static func append(_ value: Int64, to output: inout [UInt8]) {
        if value < 0 { output.append(UInt8(ascii: "-")) }
        let first = output.count
        var rest = value.magnitude
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        output[first...].reverse()
    }

    /// The text with every byte that is not part of UTF-8 replaced by `?`, so that all others keep their places.
    public static func maskedUTF8(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var masked = Array(text)
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return masked }
        var offset = 0
        while offset < text.count {
            let length = base[offset] < 0x80 ? 1 : UTF8Sequence.length(base + offset, available: text.count - offset)
            if length == 0 { masked[offset] = UInt8(ascii: "?") }
            offset += max(1, length)
        }
        return masked
    }

    /// The most bytes that ``repairedUTF8(_:)`` gives of a text: a byte can become three.
    public static func repairedBytesMax(_ text: UnsafeRawBufferPointer) -> Int {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        var (offset, strangers) = (0, 0)
        while offset < text.count {
            let length = base[offset] < 0x80 ? 1 : UTF8Sequence.length(base + offset, available: text.count - offset)
            if length == 0 { strangers += 1 }
            offset += max(1, length)
        }
        return text.count + 2 * strangers
    }

    /// The text with every byte sequence that is not UTF-8 replaced by U+FFFD.
    public static func repairedUTF8(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        Array(String(decoding: text, as: UTF8.self).utf8)
    }
}
