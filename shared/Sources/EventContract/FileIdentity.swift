import Digest

/// Which file a line was read from, so that the same offset in another file is another event.
///
/// The reader of the file decides what the two halves mean (boot id, fingerprint of the head); everything else only
/// compares them.
public struct FileIdentity: Hashable, Sendable {
    /// The first half.
    public var high: UInt64
    /// The second half.
    public var low: UInt64

    /// Two halves as one identity.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension FileIdentity {
    /// `deadlett` in ASCII.
    private static let deadLetterMark: UInt64 = 0x6465_6164_6c65_7474

    /// In the place of a file, for what a person has put back into a stream from the dead letter with this id: the same letter
    /// gives the same ids each time.
    public static func deadLetter(_ id: String) -> FileIdentity {
        FileIdentity(high: deadLetterMark, low: Array(id.utf8).withUnsafeBytes { ContentHash.bits64($0) })
    }

    /// Whether a person has put this back from a dead letter. Such a document has been refused before: a store that refuses it again,
    /// even without another one beside it, is no broken store.
    public var isDeadLetter: Bool { high == Self.deadLetterMark }
}
