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
