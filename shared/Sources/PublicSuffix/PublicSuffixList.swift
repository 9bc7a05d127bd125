/// The public suffix list (https://publicsuffix.org/list/, with its private part), packed into the binary when it is built.
/// It finds the suffix below which anybody can register a domain (`co.uk`), and so where a registered domain starts
/// (`example.co.uk`).
///
/// A look-up walks the labels from the right with one hash table probe each and allocates nothing.
public struct PublicSuffixList: Sendable {
    /// Where a rule's kind character stands in the packed text, plus one; 0 for a free slot.
    private let slots: [UInt32]
    private static let mask = UInt32(PackedPublicSuffixes.count * 2).nextPowerOfTwo - 1

    /// Builds the table of where each rule stands: about 10,000 entries, under a millisecond.
    public init() {
        var slots = [UInt32](repeating: 0, count: Int(Self.mask) + 1)
        let text = Self.text
        var start = 0
        for end in text.indices where text[end] == UInt8(ascii: "\n") {
            var slot = Self.hash(text[(start + 1)..<end]) & Self.mask
            while slots[Int(slot)] != 0 { slot = (slot &+ 1) & Self.mask }
            slots[Int(slot)] = UInt32(start + 1)
            start = end + 1
        }
        self.slots = slots
    }

    /// The length in bytes of the public suffix that a domain name ends with, by the algorithm that the list
    /// prescribes: the longest rule wins, an exception beats all, and a name that no rule fits ends with its last
    /// label.
    ///
    /// - Parameter name: ASCII in lower case, no trailing dot; labels outside of ASCII in Punycode.
    /// - Returns: `name.count` when all of the name is a public suffix; 0 for an empty name.
    public func suffixLength(of name: UnsafeRawBufferPointer) -> Int {
        var best = 0
        var hash = Self.hashSeed
        var labelEnd = name.count
        while labelEnd > 0 {
            var labelStart = labelEnd
            while labelStart > 0, name[labelStart - 1] != UInt8(ascii: ".") { labelStart -= 1 }
            // An empty label is in no name: what stands behind it is all there is.
            guard labelStart < labelEnd else { return best }
            if best == 0 { best = name.count - labelStart }
            for index in stride(from: labelEnd - 1, through: labelStart, by: -1) {
                hash = Self.mixed(hash, name[index])
            }
            let suffix = UnsafeRawBufferPointer(rebasing: name[labelStart...])
            switch kind(ofRule: suffix, hash: hash) {
            case .exception: return name.count - labelEnd - 1
            case .suffix: best = max(best, suffix.count)
            case .wildcard: best = max(best, Self.withOneLabelMore(suffix, in: name))
            case .suffixAndWildcard: best = max(best, suffix.count, Self.withOneLabelMore(suffix, in: name))
            case nil: break
            }
            hash = Self.mixed(hash, UInt8(ascii: "."))
            labelEnd = labelStart - 1
        }
        return best
    }

    private enum RuleKind {
        case suffix, wildcard, suffixAndWildcard, exception
    }

    private func kind(ofRule name: UnsafeRawBufferPointer, hash: UInt32) -> RuleKind? {
        let text = Self.text
        var slot = hash & Self.mask
        var found: RuleKind?
        while true {
            let start = Int(slots[Int(slot)])
            guard start > 0 else { return found }
            let end = start + name.count
            if end < text.count, text[end] == UInt8(ascii: "\n"), text[start..<end].elementsEqual(name) {
                switch text[start - 1] {
                case UInt8(ascii: "!"): return .exception
                case UInt8(ascii: "*"): found = found == .suffix ? .suffixAndWildcard : .wildcard
                default: found = found == .wildcard ? .suffixAndWildcard : .suffix
                }
            }
            slot = (slot &+ 1) & Self.mask
        }
    }

    /// The length of the suffix with the label in front of it, which a rule `*.suffix` covers.
    private static func withOneLabelMore(_ suffix: UnsafeRawBufferPointer, in name: UnsafeRawBufferPointer) -> Int {
        var start = name.count - suffix.count - 1
        guard start > 0 else { return 0 }
        while start > 0, name[start - 1] != UInt8(ascii: ".") { start -= 1 }
        return name.count - start
    }

    private static var text: UnsafeBufferPointer<UInt8> {
        let rules = PackedPublicSuffixes.rules
        return UnsafeBufferPointer(start: rules.utf8Start, count: rules.utf8CodeUnitCount)
    }

    // FNV-1a over the bytes from the right, so that each label more goes on from the hash of the last one.
    private static let hashSeed: UInt32 = 2_166_136_261

    private static func mixed(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
        (hash ^ UInt32(byte)) &* 16_777_619
    }

    private static func hash(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32 {
        name.reversed().reduce(hashSeed, mixed)
    }
}

extension UInt32 {
    fileprivate var nextPowerOfTwo: UInt32 { 1 << (32 - (self - 1).leadingZeroBitCount) }
}
