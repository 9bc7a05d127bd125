extension StreamConsumer {
    /// What can be adjusted.
    public struct Options: Sendable {
        /// The most entries that are held at a time.
        public var entriesHeldMax = 8
        /// No further entry is taken while those that are held have so many bytes, unpacked and with what they have
        /// become. One of ``BatchHeader/bodyBytesMax`` may come on top, as an entry's size is known only when it is here.
        public var bytesHeldMax = 16 << 20
        /// Entries that another consumer has held without a sign of life for so long are taken over.
        public var claimAfterMilliseconds = 60_000

        /// The defaults.
        public init(entriesHeldMax: Int = 8, bytesHeldMax: Int = 16 << 20, claimAfterMilliseconds: Int = 60_000) {
            self.entriesHeldMax = entriesHeldMax
            self.bytesHeldMax = bytesHeldMax
            self.claimAfterMilliseconds = claimAfterMilliseconds
        }
    }
}
