/// A counter of a stage: a field of the stage's hash, ``StreamKeys/totals(_:)``. It is raised in the transaction that
/// moves what it counts.
public struct StageCounter: RawRepresentable, Hashable, Sendable {
    /// The name of the field.
    public let rawValue: String

    /// The counter of this name.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Events that the reader has read, or the transformer has mapped.
    public static let events = StageCounter(rawValue: "events")
    /// Bytes of the events that the reader has read.
    public static let bytes = StageCounter(rawValue: "bytes")
    /// Events that a stage has put into the dead letters.
    public static let rejected = StageCounter(rawValue: "rejected")
    /// Bytes of files that were gone before the reader could read them.
    public static let lostBytes = StageCounter(rawValue: "lost_bytes")
    /// Bytes of a RAM disk that the reader had not read when the machine went down.
    public static let unreadAtRebootBytes = StageCounter(rawValue: "unread_at_reboot_bytes")
    /// Events that a store has.
    public static let stored = StageCounter(rawValue: "stored")
    /// Dead letters that were written.
    public static let written = StageCounter(rawValue: "written")
    /// Dead letters that were removed to make room.
    public static let trimmed = StageCounter(rawValue: "trimmed")
    /// Dead letters that their stream did not take.
    public static let lost = StageCounter(rawValue: "lost")
    /// Dead letters whose bytes were put back into the stream that they came from.
    public static let replayed = StageCounter(rawValue: "replayed")
    /// Dead letters that a person has deleted.
    public static let deleted = StageCounter(rawValue: "deleted")
    /// Canaries that have passed a stage.
    public static let canaries = StageCounter(rawValue: "canaries")
    /// The sum of the times that they took from their making until they had passed it.
    public static let canaryMilliseconds = StageCounter(rawValue: "canary_ms")

    /// All but those of ``LatencyBuckets``.
    public static let all = [
        events, bytes, rejected, lostBytes, unreadAtRebootBytes, stored, written, trimmed, lost, replayed, deleted,
        canaries, canaryMilliseconds,
    ]
}
