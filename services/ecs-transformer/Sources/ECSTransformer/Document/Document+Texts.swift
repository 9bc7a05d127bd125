import CivilTime
import JSON

// Texts that are not in the line as they are wanted are made in the arena.
extension Document {
    /// The decimal digits of an integer.
    mutating func digits(of integer: Int64) -> EncodedText {
        let end = arena.allocate(20) + 20
        var start = end
        var rest = integer.magnitude
        repeat {
            start -= 1
            start.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if integer < 0 {
            start -= 1
            start.pointee = UInt8(ascii: "-")
        }
        return EncodedText(start, count: end - start)
    }

    /// The text with A-Z in lower case. In escapes the case of letters means nothing.
    mutating func lowercased(_ text: EncodedText) -> EncodedText {
        guard text.buffer.contains(where: ASCII.isCapital) else { return text }
        let copy = arena.allocate(text.count)
        for offset in 0..<text.count { copy[offset] = ASCII.lowercase(text.bytes[offset]) }
        return EncodedText(copy, count: text.count)
    }

    /// The text in capitals and without `separator`; nil when it holds escapes, which capitals would break.
    mutating func uppercased(_ text: EncodedText, without separator: Unicode.Scalar) -> EncodedText? {
        let copy = arena.allocate(text.count)
        var count = 0
        for byte in text.buffer where byte != UInt8(ascii: separator) {
            guard byte != UInt8(ascii: "\\") else { return nil }
            copy[count] = byte &- UInt8(ascii: "a") < 26 ? byte & 0xDF : byte
            count += 1
        }
        return EncodedText(copy, count: count)
    }

    /// The text with each `byte` replaced by another that needs no escape either.
    mutating func replacing(_ byte: Unicode.Scalar, by other: Unicode.Scalar, in text: EncodedText) -> EncodedText {
        guard text.firstIndex(of: byte) != nil else { return text }
        let copy = arena.allocate(text.count)
        for offset in 0..<text.count {
            let original = text.bytes[offset]
            copy[offset] = original == UInt8(ascii: byte) ? UInt8(ascii: other) : original
        }
        return EncodedText(copy, count: text.count)
    }

    /// The text between quotes: a finished string.
    mutating func quoted(_ text: EncodedText) -> EncodedText {
        let copy = arena.allocate(text.count + 2)
        copy[0] = UInt8(ascii: "\"")
        (copy + 1).update(from: text.bytes, count: text.count)
        copy[text.count + 1] = UInt8(ascii: "\"")
        return EncodedText(copy, count: text.count + 2)
    }

    /// The texts one after the other.
    mutating func joined(_ texts: EncodedText...) -> EncodedText {
        let copy = arena.allocate(texts.reduce(0) { $0 + $1.count })
        var count = 0
        for text in texts {
            (copy + count).update(from: text.bytes, count: text.count)
            count += text.count
        }
        return EncodedText(copy, count: count)
    }

    /// A time in UTC with microseconds, given also as EVE had it written: mostly only the zone differs.
    mutating func timestamp(_ time: Int64, written: EncodedText) -> EncodedText {
        // A leap second is written as the second that it counts as.
        if written.count == 31, written.part(from: 26).isEqual(to: "+0000"), written.bytes[10] == UInt8(ascii: "T"),
            written.bytes[19] == UInt8(ascii: "."), written.bytes[17] != UInt8(ascii: "6")
        {
            let copy = arena.allocate(27)
            copy.update(from: written.bytes, count: 26)
            copy[26] = UInt8(ascii: "Z")
            return EncodedText(copy, count: 27)
        }
        return timestamp(time)
    }

    /// A time in UTC with microseconds: `2026-02-01T12:34:56.123456Z`.
    mutating func timestamp(_ time: Int64) -> EncodedText {
        let time = UTCTimestamp(time)
        let text = arena.allocate(time.byteCount)
        time.write(to: text)
        return EncodedText(text, count: time.byteCount)
    }

    /// A copy of bytes that are finished JSON or text.
    mutating func copy(of bytes: [UInt8]) -> EncodedText {
        let copy = arena.allocate(bytes.count)
        bytes.withUnsafeBufferPointer { bytes in
            if let base = bytes.baseAddress { copy.update(from: base, count: bytes.count) }
        }
        return EncodedText(copy, count: bytes.count)
    }

    /// The decoded text of a string: its own bytes where it holds no escapes, else a copy.
    mutating func decoded(_ string: JSONNode) -> EncodedText {
        guard string.hasEscapes else { return EncodedText(string.content) }
        var decoded: [UInt8] = []
        JSONText.appendDecoded(string.content, to: &decoded)
        return copy(of: decoded)
    }

    /// Encodes a piece of decoded text; the piece itself where it needs no escapes.
    mutating func encoded(_ text: EncodedText) -> EncodedText {
        let needsEscapes = text.buffer.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        guard needsEscapes else { return text }
        var escaped: [UInt8] = []
        JSONText.appendEscaped(text.buffer, to: &escaped)
        return copy(of: escaped)
    }
}
