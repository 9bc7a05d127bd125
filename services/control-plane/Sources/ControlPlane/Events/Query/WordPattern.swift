/// Words as they are looked for in texts: whole, with ASCII letters of either case.
///
/// A word consists of ASCII letters and digits, of `.`, `_`, `-` and `:`, and of all that is not ASCII. It is found where it
/// begins the text, follows what is no part of a word, or follows a `.`: so `tuya.eu` is found in `a.tuya.eu`. It ends where
/// the text does, or before what is no part of a word; `.`, `_`, `-` and `:` at its end do not count. With a prefix it may
/// end anywhere.
struct WordPattern: Sendable, Equatable {
    /// The text, in small letters.
    let text: [UInt8]
    /// Whether the last word may go on.
    let isPrefix: Bool

    init(_ text: String, isPrefix: Bool = false) {
        self.text = text.utf8.map(Self.small)
        self.isPrefix = isPrefix
    }

    func isFound(in value: some RandomAccessCollection<UInt8>) -> Bool {
        guard !text.isEmpty, value.count >= text.count else { return false }
        let first = text[0]
        var start = value.startIndex
        let last = value.index(value.endIndex, offsetBy: -text.count)
        while start <= last {
            if Self.small(value[start]) == first, isFound(in: value, at: start) { return true }
            start = value.index(after: start)
        }
        return false
    }

    private func isFound<Value: RandomAccessCollection<UInt8>>(in value: Value, at start: Value.Index) -> Bool {
        if start > value.startIndex {
            let before = value[value.index(before: start)]
            guard before == UInt8(ascii: ".") || !Self.isPartOfWord(before) else { return false }
        }
        var index = start
        for byte in text {
            guard Self.small(value[index]) == byte else { return false }
            index = value.index(after: index)
        }
        if isPrefix { return true }
        while index < value.endIndex, Self.isPunctuation(value[index]) { index = value.index(after: index) }
        return index == value.endIndex || !Self.isPartOfWord(value[index])
    }

    /// What a word of its own is made of, cut at what is no part of words, without `.`, `_`, `-` and `:` at the ends of words.
    var tokens: [[UInt8]] { Self.tokens(of: text[...]) }

    static func tokens(of text: ArraySlice<UInt8>) -> [[UInt8]] {
        text.split { !isPartOfWord($0) }.compactMap { token in
            let end = token.lastIndex { !isPunctuation($0) }
            return end.map { Array(token[...$0]) }
        }
    }

    static func isPartOfWord(_ byte: UInt8) -> Bool {
        isPunctuation(byte) || byte >= 0x80 || byte &- UInt8(ascii: "0") < 10
            || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// What belongs to a word only inside of it.
    static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"): true
        default: false
        }
    }

    static func small(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
}
