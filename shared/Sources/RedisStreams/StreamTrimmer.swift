import Lifecycle

/// Removes the entries of a stream that every required group has acknowledged, at most once in an interval.
///
/// Entries are never removed by the length of the stream. As long as a required group does not exist, nothing is.
public final class StreamTrimmer {
    private let link: RedisLink
    private let stream: String
    private let requiredGroups: [String]
    private let intervalMilliseconds: Int
    private var due = Deadline.now

    /// How many entries this trimmer has removed.
    public private(set) var entriesTrimmed: UInt64 = 0

    /// - Parameters:
    ///   - link: the way to Redis.
    ///   - stream: the key of the stream.
    ///   - requiredGroups: the groups that must all be done with an entry; others may lose entries that they are slow on.
    ///   - intervalMilliseconds: the shortest time between two trims.
    public init(link: RedisLink, stream: String, requiredGroups: [String], intervalMilliseconds: Int = 50) {
        self.link = link
        self.stream = stream
        self.requiredGroups = requiredGroups
        self.intervalMilliseconds = intervalMilliseconds
    }

    /// Trims, if the last time is long enough ago and Redis can be used.
    /// - Throws: what waiting does not mend.
    public func trim() throws(RedisError) {
        guard due.hasPassed, link.current != nil else { return }
        due = .milliseconds(intervalMilliseconds)
        let command = link.run(.trim, keys: [stream], requiredGroups.map { .text($0) })
        guard let count = try link.call(command)?.integer else { return }
        entriesTrimmed += UInt64(max(0, count))
    }
}
