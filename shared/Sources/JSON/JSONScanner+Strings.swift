extension JSONScanner {
    /// Scans a string from its opening quote, and gives the position behind its closing quote and its token's flags.
    @inline(__always)
    func endOfString(from begin: Int) throws(JSONError) -> (end: Int, flags: UInt8) {
        let position = endOfPlainBytes(from: begin &+ 1)
        if byte(at: position) == UInt8(ascii: "\"") { return (position &+ 1, 0) }
        return try endOfUnusualString(from: position)
    }

    /// Goes on with a string at a byte that is not plain, or within eight bytes of the text's end.
    @inline(never)
    private func endOfUnusualString(from begin: Int) throws(JSONError) -> (end: Int, flags: UInt8) {
        var position = begin
        var flags: UInt8 = 0
        while position < count {
            let byte = start[position]
            if byte == UInt8(ascii: "\"") { return (position &+ 1, flags) }
            if byte == UInt8(ascii: "\\") {
                flags = JSONToken.escaped
                position = try endOfEscape(from: position)
            } else if byte >= 0x80 {
                let length = UTF8Sequence.length(start + position, available: count &- position)
                guard length > 0 else { throw JSONError(.invalidUTF8, offset: position) }
                position &+= length
            } else {
                guard byte >= 0x20 else { throw JSONError(.controlByte, offset: position) }
                position &+= 1
            }
            position = endOfPlainBytes(from: position)
        }
        throw JSONError(.unexpectedEnd, offset: count)
    }

    /// Skips ASCII that needs no attention: all but quote, backslash and control bytes, eight bytes at a time.
    ///
    /// In `marks` the lowest set bit is exact: a borrow from a matching byte can only spoil bytes after it.
    @inline(__always)
    private func endOfPlainBytes(from begin: Int) -> Int {
        let raw = UnsafeRawPointer(start)
        var position = begin
        while position &+ 8 <= count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quote = (word ^ 0x2222_2222_2222_2222) &- 0x0101_0101_0101_0101
            let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            let control = word &- 0x2020_2020_2020_2020
            let marks = (quote | backslash | control | word) & 0x8080_8080_8080_8080
            if marks != 0 { return position &+ marks.trailingZeroBitCount &>> 3 }
            position &+= 8
        }
        return position
    }

    /// Skips a backslash and what it escapes.
    private func endOfEscape(from begin: Int) throws(JSONError) -> Int {
        guard begin + 1 < count else { throw JSONError(.unexpectedEnd, offset: count) }
        switch start[begin + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return begin + 2
        case UInt8(ascii: "u"):
            for position in begin + 2..<begin + 6 {
                guard position < count else { throw JSONError(.unexpectedEnd, offset: count) }
                guard JSONText.hexValue(start[position]) != nil else { throw JSONError(.invalidEscape, offset: begin) }
            }
            return begin + 6
        default:
            throw JSONError(.invalidEscape, offset: begin)
        }
    }
}

/// Well-formed UTF-8, after table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing past U+10FFFF.
enum UTF8Sequence {
    /// Length of the well-formed multi-byte sequence at `bytes`, or 0 when there is none.
    static func length(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        let lead = bytes[0]
        guard available > 1 else { return 0 }
        let second = bytes[1]
        switch lead {
        case 0xC2...0xDF:
            return isContinuation(second) ? 2 : 0
        case 0xE0...0xEF:
            let lowest: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
            let highest: UInt8 = lead == 0xED ? 0x9F : 0xBF
            guard available > 2, second >= lowest, second <= highest, isContinuation(bytes[2]) else { return 0 }
            return 3
        case 0xF0...0xF4:
            let lowest: UInt8 = lead == 0xF0 ? 0x90 : 0x80
            let highest: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
            guard available > 3, second >= lowest, second <= highest, isContinuation(bytes[2]),
                isContinuation(bytes[3])
            else { return 0 }
            return 4
        default:
            return 0
        }
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
