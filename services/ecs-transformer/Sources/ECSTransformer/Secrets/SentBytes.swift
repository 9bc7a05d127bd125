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

    /// The value of a header whose name has ended here.
    func headerValue(from offset: Int) -> Range<Int> {
        let line = restOfLine(from: offset)
        var start = line.lowerBound
        while start < line.upperBound, bytes[start] == 0x20 { start += 1 }
        return start..<line.upperBound
    }

    /// What follows the name of the scheme in the value of a header.
    func credentials(from offset: Int) -> Range<Int> {
        let value = headerValue(from: offset)
        let scheme = min(endOfWord(from: value.lowerBound), value.upperBound)
        return (scheme < value.upperBound ? scheme + 1 : value.lowerBound)..<value.upperBound
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

    /// The place behind `words`, which are in lower case, if they stand here in any case, joined in any way or by nothing.
    func end(ofWords words: StaticString, at offset: Int) -> Int? {
        var end = offset
        for index in 0..<words.utf8CodeUnitCount {
            guard end < count else { return nil }
            if words.utf8Start[index] == UInt8(ascii: " ") {
                if isJoint(end) { end += 1 }
            } else {
                guard ASCII.lowercase(bytes[end]) == words.utf8Start[index] else { return nil }
                end += 1
            }
        }
        return end
    }

    /// Whether a word of a name starts here: `pass`, `db_pass`, `dbPass`, `%26pass`.
    func startsWord(_ offset: Int) -> Bool {
        guard offset > 0, isLetterOrDigit(offset - 1) else { return true }
        return ASCII.isCapital(bytes[offset]) && !ASCII.isCapital(bytes[offset - 1])
            || offset >= 3 && bytes[offset - 3] == UInt8(ascii: "%")
    }

    /// How far the name of a field may reach to either side of the word that marks it as a secret, in bytes. It bounds the search
    /// for the ends of the name.
    private static let nameBytesMax = 64

    /// The end of a field's name, in which a word that marks a secret has just ended: after digits, brackets (also as `%5D`)
    /// and up to so many letters; without a limit after further words, too.
    func endOfName(from offset: Int, lettersMax: Int) -> Int {
        var end = offset
        var letters = 0
        while end < min(count, offset + Self.nameBytesMax) {
            if let bracket = self.end(of: "%5b", at: end) ?? self.end(of: "%5d", at: end) {
                end = bracket
                continue
            }
            switch bytes[end] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["), UInt8(ascii: "]"): break
            default:
                if isLetterOrDigit(end) {
                    letters += 1
                    guard letters <= lettersMax else { return end }
                } else if !isJoint(end) || lettersMax < .max {
                    return end
                }
            }
            end += 1
        }
        return end
    }

    /// Whether words of a name are joined here.
    private func isJoint(_ offset: Int) -> Bool {
        bytes[offset] == UInt8(ascii: "_") || bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: ".")
    }

    /// Where the name starts of which this is a part: `user[password]`.
    func startOfName(_ offset: Int) -> Int {
        var start = offset
        while start > max(0, offset - Self.nameBytesMax), isPartOfName(start - 1) { start -= 1 }
        return start
    }

    private func isPartOfName(_ offset: Int) -> Bool {
        switch bytes[offset] {
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "%"), UInt8(ascii: "$"): true
        default: isLetterOrDigit(offset) || isJoint(offset)
        }
    }

    /// Whether a field may start here: at the front of the text, or behind a character that is not part of a name.
    func startsField(_ offset: Int) -> Bool {
        guard offset > 0, !isPartOfName(offset - 1) else { return offset == 0 }
        switch bytes[offset - 1] {
        case 0x20...0x7E, UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return true
        default: return false
        }
    }

    /// Where the value of a field ends whose name starts at `name`: at the quote in front of that, if there is one.
    func endOfValue(from offset: Int, of name: Int) -> Int {
        let quote: UInt8? = name > 0 && isQuote(name - 1) ? bytes[name - 1] : nil
        var end = offset
        while end < count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: "&"), bytes[end] != UInt8(ascii: "#"),
            bytes[end] != quote
        { end += 1 }
        return end
    }

    /// Where the value of a field ends that is part of an encoded URL.
    func endOfEncodedValue(from offset: Int) -> Int {
        var end = offset
        while end < count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: "&"), self.end(of: "%26", at: end) == nil,
            self.end(of: "%22", at: end) == nil
        { end += 1 }
        return end
    }

    /// How far an element of XML or a head of a part may reach.
    private static let headBytesMax = 256

    /// The content of the element of XML whose name starts at `name` and has ended here.
    func contentOfElement(_ name: Int, from offset: Int) -> Range<Int>? {
        var prefix = name
        if prefix > 0, bytes[prefix - 1] == UInt8(ascii: ":") { prefix = startOfName(prefix - 1) }
        guard prefix > 0, bytes[prefix - 1] == UInt8(ascii: "<"),
            let tagEnd = bytes[offset..<min(count, offset + Self.headBytesMax)].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        var end = tagEnd + 1
        while end < count, bytes[end] != UInt8(ascii: "<") { end += 1 }
        return tagEnd + 1..<end
    }

    /// The first line of the part of a form (RFC 7578) whose name starts at `name` and has ended here.
    func contentOfPart(_ name: Int, from offset: Int) -> Range<Int>? {
        guard name >= 6, end(of: "name=", at: name - 6) != nil else { return nil }
        for blank in offset..<min(count, offset + Self.headBytesMax) {
            if let content = end(of: "\r\n\r\n", at: blank) { return restOfLine(from: content) }
        }
        return nil
    }

    private func isQuote(_ offset: Int) -> Bool {
        bytes[offset] == UInt8(ascii: "\"") || bytes[offset] == UInt8(ascii: "'")
    }

    /// The values of the member of JSON whose key has ended here: a string without its quotes, a number, or those of an
    /// array. In JSON that is a string of JSON itself the quotes have backslashes in front.
    func valuesOfMember(from keyEnd: Int) -> [Range<Int>] {
        var position = keyEnd
        while position < count, bytes[position] == UInt8(ascii: "\\") { position += 1 }
        let backslashes = position - keyEnd
        guard position < count, isQuote(position) else { return [] }
        position = skippingBlanks(from: position + 1)
        guard position < count, bytes[position] == UInt8(ascii: ":") else { return [] }
        position = skippingBlanks(from: position + 1)
        let isArray = position < count && bytes[position] == UInt8(ascii: "[")
        if isArray { position += 1 }
        var values: [Range<Int>] = []
        repeat {
            position = skippingBlanks(from: position)
            guard position < count else { break }
            let quote = position + backslashes
            if quote < count, isQuote(quote), bytes[position..<quote].allSatisfy({ $0 == UInt8(ascii: "\\") }) {
                let end = endOfString(from: quote + 1, quote: bytes[quote], backslashes: backslashes)
                values.append(quote + 1..<end)
                position = end + backslashes + 1
            } else {
                var end = position
                while end < count, isPartOfNumber(end) { end += 1 }
                guard end > position else { break }
                values.append(position..<end)
                position = end
            }
            position = skippingBlanks(from: position)
            guard isArray, position < count, bytes[position] == UInt8(ascii: ",") else { break }
            position += 1
        } while true
        return values
    }

    /// Where the text of a string ends: at a quote with just as many backslashes as belong to it, or more that stand for
    /// backslashes themselves.
    private func endOfString(from offset: Int, quote: UInt8, backslashes: Int) -> Int {
        var run = 0
        for end in offset..<max(offset, count) {
            if bytes[end] == quote, run % (2 * (backslashes + 1)) == backslashes { return end - backslashes }
            run = bytes[end] == UInt8(ascii: "\\") ? run + 1 : 0
        }
        return count
    }

    private func skippingBlanks(from offset: Int) -> Int {
        var position = offset
        while position < count, bytes[position] <= 0x20 { position += 1 }
        return position
    }

    private func isPartOfNumber(_ offset: Int) -> Bool {
        switch bytes[offset] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
