/// A piece of what was sent, and how the protocols of lines, URLs and forms divide it.
struct SentBytes {
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var count: Int { bytes.count }

    @inline(__always) subscript(offset: Int) -> UInt8 { bytes[offset] }

    /// The place behind `word`, which is in lower case, if it stands here in any case.
    func end(of word: StaticString, at offset: Int) -> Int? {
        let end = offset + word.utf8CodeUnitCount
        guard end <= count else { return nil }
        for index in 0..<word.utf8CodeUnitCount where ASCII.lowercase(bytes[offset + index]) != word.utf8Start[index] {
            return nil
        }
        return end
    }

    /// Whether a line starts here.
    func startsLine(_ offset: Int) -> Bool { offset == 0 || bytes[offset - 1] == UInt8(ascii: "\n") }

    /// What is left of the line; nothing when `offset` lies behind its end.
    func restOfLine(from offset: Int) -> Range<Int> {
        var end = min(offset, count)
        while end < count, bytes[end] != UInt8(ascii: "\r"), bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return min(offset, end)..<end
    }

    /// Where the next line starts.
    func nextLine(from offset: Int) -> Int {
        var next = offset
        while next < count, bytes[next] != UInt8(ascii: "\n") { next += 1 }
        return next + 1
    }

    /// Where a word, or one in quotes, ends.
    func endOfWord(from offset: Int) -> Int {
        var end = offset
        if end < count, bytes[end] == UInt8(ascii: "\"") {
            end += 1
            while end < count, bytes[end] != UInt8(ascii: "\""), bytes[end] >= 0x20 { end += 1 }
            return min(end + 1, count)
        }
        while end < count, bytes[end] > 0x20 { end += 1 }
        return end
    }

    /// What follows the name of the scheme in the value of a header.
    func credentials(from offset: Int) -> Range<Int> {
        let line = restOfLine(from: offset)
        var start = line.lowerBound
        while start < line.upperBound, bytes[start] == 0x20 { start += 1 }
        let scheme = min(endOfWord(from: start), line.upperBound)
        return (scheme < line.upperBound ? scheme + 1 : start)..<line.upperBound
    }

    /// Whether a range holds nothing but characters of base 64.
    func isBase64(_ range: Range<Int>) -> Bool {
        range.allSatisfy {
            isLetterOrDigit($0) || bytes[$0] == UInt8(ascii: "+") || bytes[$0] == UInt8(ascii: "/")
                || bytes[$0] == UInt8(ascii: "=")
        }
    }

    func isLetterOrDigit(_ offset: Int) -> Bool { ASCII.isLetterOrDigit(bytes[offset]) }

    /// Whether the host of a URL has ended here.
    func endsAuthority(_ offset: Int) -> Bool {
        switch bytes[offset] {
        case 0...0x20, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"),
            UInt8(ascii: ">"):
            true
        default: false
        }
    }

    /// Whether the name that stands here, with what may be in front of it, is that of a field: `user[password]`.
    func startsField(_ offset: Int) -> Bool {
        var start = offset
        while start > 0, isPartOfName(start - 1) { start -= 1 }
        guard start > 0 else { return true }
        switch bytes[start - 1] {
        case UInt8(ascii: "&"), UInt8(ascii: "?"), UInt8(ascii: ";"), UInt8(ascii: "\n"): return true
        default: return false
        }
    }

    private func isPartOfName(_ offset: Int) -> Bool {
        switch bytes[offset] {
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "%"), UInt8(ascii: "$"):
            true
        default: isLetterOrDigit(offset)
        }
    }

    /// Where the value of a field ends.
    func endOfValue(from offset: Int) -> Int {
        var end = offset
        while end < count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: "&"), bytes[end] != UInt8(ascii: "#") {
            end += 1
        }
        return end
    }

    /// Where the text of a string starts that is the value of the member whose key has ended here.
    func startOfJSONString(from offset: Int) -> Int? {
        var start = offset
        var colons = 0
        while start < count, bytes[start] <= 0x20 || bytes[start] == UInt8(ascii: ":") {
            if bytes[start] == UInt8(ascii: ":") { colons += 1 }
            start += 1
        }
        return colons == 1 && start < count && bytes[start] == UInt8(ascii: "\"") ? start + 1 : nil
    }

    /// Where the text of a string ends.
    func endOfJSONString(from offset: Int) -> Int {
        var end = offset
        while end < count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(end, count)
    }
}
