import Digest
import JSON
import Networks

/// The words of an event in the index: each that a query can ask for, so that what they find can only be too much.
struct EventWords {
    /// A longer word is cut.
    static let wordBytesMax = 64
    /// Words of one event; one with more has ``overflow`` instead of the rest.
    static let countMax = 96
    /// Stands for words that had no room: every search finds those who have it.
    static let overflow = Array("::more".utf8)

    /// The words, separated by spaces.
    private(set) var text: [UInt8] = []
    private var words: [(hash: UInt64, range: Range<Int>)] = []
    private var numbered: [UInt8] = []

    /// Prepares for the next event.
    mutating func removeAll() {
        text.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
    }

    /// Adds the words of a value.
    mutating func add(_ value: UnsafeRawBufferPointer, _ mode: SearchWords.Mode) {
        var start = 0
        while start < value.count {
            guard WordPattern.isPartOfWord(value[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < value.count, WordPattern.isPartOfWord(value[end]) { end += 1 }
            var last = end
            while last > start, WordPattern.isPunctuation(value[last - 1]) { last -= 1 }
            add(word: value[start..<last])
            if mode == .within {
                for dot in start..<last where value[dot] == UInt8(ascii: ".") { add(word: value[dot + 1..<last]) }
            }
            start = end
        }
    }

    /// Adds the networks of an address: `10.`, `10.1.` and `10.1.2.`; of IPv6 a word that networks are prefixes of.
    mutating func add(networksOf address: UnsafeRawBufferPointer) {
        if address.contains(UInt8(ascii: ":")) {
            guard let address = IPAddress(text: address) else { return }
            Self.digits(address).withUnsafeBytes { add(word: $0[...]) }
        } else {
            for index in address.indices where address[index] == UInt8(ascii: ".") { add(word: address[...index]) }
        }
    }

    /// Adds a number under a name.
    mutating func add(_ name: [UInt8], _ number: Int64) {
        numbered.removeAll(keepingCapacity: true)
        Self.append(name, number, to: &numbered)
        numbered.withUnsafeBytes { add(word: $0[...]) }
    }

    private mutating func add(word: Slice<UnsafeRawBufferPointer>) {
        let word = UnsafeRawBufferPointer(rebasing: Self.cut(word))
        guard !word.isEmpty, words.count <= Self.countMax else { return }
        // FNV-1a: most words are told apart without being compared.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in word { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for known in words where known.hash == hash && text[known.range].elementsEqual(word) { return }
        if !text.isEmpty { text.append(UInt8(ascii: " ")) }
        let start = text.count
        if words.count == Self.countMax { text += Self.overflow } else { text.append(contentsOf: word) }
        words.append((hash, start..<text.count))
    }

    // MARK: - As queries ask for them

    static func quoted(_ word: [UInt8]) -> String { "\"\(String(decoding: cut(word[...]), as: UTF8.self))\"" }

    /// Not within a character, which would be no text any more.
    private static func cut<Word: RandomAccessCollection<UInt8>>(_ word: Word) -> Word
    where Word.SubSequence == Word, Word.Index == Int {
        guard word.count > wordBytesMax else { return word }
        var end = word.startIndex + wordBytesMax
        while end > word.startIndex, word[end] & 0xC0 == 0x80 { end -= 1 }
        return word[..<end]
    }

    static func number(_ name: String, _ number: Int64) -> [UInt8] {
        var word: [UInt8] = []
        append(Array(name.utf8), number, to: &word)
        return word
    }

    private static func append(_ name: [UInt8], _ number: Int64, to word: inout [UInt8]) {
        word += name
        word.append(UInt8(ascii: ":"))
        JSONText.append(number, to: &word)
    }

    /// The word, or the beginning of words, that all addresses of a network have; nil for networks that are too large.
    static func prefix(of network: IPNetwork) -> (word: [UInt8], isWhole: Bool)? {
        let length = network.prefixLength
        if network.address.isIPv4 {
            let octets = length / 8
            guard octets > 0 else { return nil }
            let text = ipv4Octets(network.address).prefix(octets).map(String.init).joined(separator: ".")
            return (Array((octets == 4 ? text : text + ".").utf8), true)
        }
        let count = length / 4
        guard count > 0 else { return nil }
        return (Array(digits(network.address).prefix(3 + count)), count == 32)
    }

    /// The address of a network of one.
    static func ipv4(_ network: IPNetwork) -> String? {
        guard network.address.isIPv4, network.prefixLength == 32 else { return nil }
        return ipv4Octets(network.address).map(String.init).joined(separator: ".")
    }

    private static func ipv4Octets(_ address: IPAddress) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: address.low >> UInt64(24 - 8 * $0)) }
    }

    /// `v6:` and all 32 digits.
    private static func digits(_ address: IPAddress) -> [UInt8] {
        let bytes = [address.high, address.low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
        return Array("v6:\(Hexadecimal.text(of: bytes))".utf8)
    }
}
