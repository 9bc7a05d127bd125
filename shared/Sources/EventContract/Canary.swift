import CivilTime

/// An event of our own that the reader sends the way of all others once in a while, so that it is seen whether the whole way
/// is open. Each stage counts it in the transaction that moves it (``StageCounter/canaries``).
public enum Canary {
    /// The type of the event, as `event_type` and in the documents.
    public static let eventType = "canary"
    /// What its batches name as the file that they are from; followed files have names that end otherwise.
    public static let sourcePath = "(canary)"

    /// The event as a line of EVE.
    /// - Parameter time: when it was made, in nanoseconds since the epoch.
    public static func line(time: Int64) -> String {
        "{\"timestamp\":\"\(UTCTimestamp(time))\",\"event_type\":\"\(eventType)\"}"
    }

    /// What a batch adds to the totals of a stage that has finished with it; nothing when it holds no canary.
    /// - Parameters:
    ///   - header: of the batch; canaries are made when they are read.
    ///   - time: now, in nanoseconds since the epoch. A clock that was set back makes the way take no time.
    public static func totals(of header: BatchHeader, time: Int64) -> [(counter: StageCounter, amount: Int)] {
        guard header.sourcePath == sourcePath else { return [] }
        let milliseconds = Int(clamping: max(0, time - header.readTime) / 1_000_000)
        return [(.canaries, header.count), (.canaryMilliseconds, milliseconds)]
    }
}
