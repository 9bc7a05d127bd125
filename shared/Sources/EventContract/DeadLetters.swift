/// The dead letters of one entry, which are bounded however many of its records are refused.
public struct DeadLetters: Sendable {
    /// The most letters for one entry; further refused records share the last one.
    public static let countMax = 4096

    /// The letters, in the order of the records.
    public private(set) var letters: [DeadLetter] = []
    /// How many records they are about.
    public private(set) var recordCount = 0

    /// None.
    public init() {}

    /// Adds the letter about one record.
    public mutating func append(_ letter: DeadLetter) {
        recordCount += 1
        guard letters.count == Self.countMax else { return letters.append(letter) }
        letters[Self.countMax - 1].take(letter)
    }
}

extension DeadLetter {
    private static let sharing = "the first of several records of one entry: "

    /// Whether it has the bytes of several records, and says of the first alone where that came from.
    public var isShared: Bool { reason.hasPrefix(Self.sharing) }

    /// Appends the bytes of another letter to its own, on a line of their own.
    fileprivate mutating func take(_ other: DeadLetter) {
        if !isShared { reason = Self.sharing + reason }
        if bytes.count < Self.bytesMax {
            bytes.append(UInt8(ascii: "\n"))
            bytes += other.bytes.prefix(Self.bytesMax - bytes.count)
        }
        size += 1 + other.size
    }
}
