/// The id of an event: 32 characters (0-9, a-v) that a replay gives again and that sort by time.
///
/// Base32hex of 20 bytes: the time in milliseconds (6 bytes, big-endian), then 14 bytes of hash. What goes into the hash
/// is described at ``EventIDSource``.
public struct EventID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The characters, eight to a word, in memory order.
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

    /// The number of characters.
    public static let byteCount = 32

    /// The id whose characters stand at `offset`; the caller has checked that 32 bytes are there.
    @inlinable
    init(ascii bytes: UnsafeRawBufferPointer, at offset: Int) {
        words = bytes.loadUnaligned(fromByteOffset: offset, as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// The id that these 32 characters are; nil for any other text.
    public init?(_ text: String) {
        var text = text
        let id = text.withUTF8 { bytes -> EventID? in
            let bytes = UnsafeRawBufferPointer(bytes)
            guard bytes.count == Self.byteCount, Self.isWellFormed(bytes, at: 0) else { return nil }
            return EventID(ascii: bytes, at: 0)
        }
        guard let id else { return nil }
        self = id
    }

    /// Whether the 32 bytes at `offset` are characters of an id, and so safe to write into JSON as they are.
    static func isWellFormed(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        // A loop without an exit, which the compiler turns into vector code; Swift's own vector types are far slower here.
        var strangers: UInt8 = 0
        for byte in bytes[offset..<offset + byteCount] {
            let isDigit = byte &- UInt8(ascii: "0") <= 9
            let isLetter = byte &- UInt8(ascii: "a") <= 21
            strangers |= (isDigit ? 0 : 1) & (isLetter ? 0 : 1)
        }
        return strangers == 0
    }

    /// - Parameters:
    ///   - milliseconds: since the epoch; only the low 48 bits are used.
    ///   - hash: 16 bytes, the first 14 of which are used.
    init(milliseconds: UInt64, hash: (high: UInt64, low: UInt64)) {
        // 160 bits, the highest first: 48 of time, 64 and 48 of hash.
        let first = milliseconds << 16 | hash.high >> 48
        let second = hash.high << 16 | hash.low >> 48
        let third = hash.low >> 16 & 0xffff_ffff
        words = (
            Self.characters(first >> 24), Self.characters(first << 16 | second >> 48),
            Self.characters(second >> 8), Self.characters(second << 32 | third)
        )
    }

    /// The eight characters for the low 40 bits, the first character in the lowest byte.
    private static func characters(_ bits: UInt64) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<8 {
            let digit = bits >> UInt64(5 * (7 - index)) & 31
            // '0' to '9', then 'a' to 'v'.
            let character = digit < 10 ? digit + 48 : digit + 87
            word |= character << UInt64(8 * index)
        }
        return word.littleEndian
    }

    /// Appends the 32 characters.
    @inlinable
    public func append(to output: inout [UInt8]) {
        withUnsafeBytes { output.append(contentsOf: $0) }
    }

    /// Lends the 32 characters.
    @inlinable
    public func withUnsafeBytes<Result>(_ use: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, use)
    }

    /// The 32 characters as text.
    public var description: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    /// Whether all characters are the same.
    public static func == (left: EventID, right: EventID) -> Bool { left.words == right.words }

    /// The order of the characters, which is the order of the times.
    public static func < (left: EventID, right: EventID) -> Bool {
        (left.words.0.bigEndian, left.words.1.bigEndian, left.words.2.bigEndian, left.words.3.bigEndian)
            < (right.words.0.bigEndian, right.words.1.bigEndian, right.words.2.bigEndian, right.words.3.bigEndian)
    }

    /// Feeds a part that already is a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}
