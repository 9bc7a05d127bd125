public import Lifecycle

/// Removes the entries of a stream that every required group has acknowledged, at most once in an interval.
///
/// Entries are never removed by the length of the stream. As long as a required group does not exist, nothing is.
public final class StreamTrimmer {
    /// A group that keeps entries in the stream which others are done with.
    public struct Holder: Equatable, Sendable, CustomStringConvertible {
        /// Its name.
        public let group: String
        /// Whether it exists; one that does has not moved for long.
        public let exists: Bool

        /// For people, with what to do.
        public var description: String {
            let state =
                exists
                ? "does not move, so that entries stay in Redis; start what reads by it"
                : "does not exist, so that no entry leaves Redis; start what reads by it"
            return "the required group \(group) \(state), or leave it out of opensearch_shipper.required_groups"
        }
    }

    private let link: RedisLink
    private let stream: String
    private let requiredGroups: [String]
    private let groupsRequiredIfPresent: [String]
    private let absentMillisecondsMax: Int
    private let stillMillisecondsMax: Int
    private let clock: MonotonicClock
    private var interval: Interval
    /// The last group of all and where it was, and since when it is there.
    private var last: (group: String, place: String, since: Int64)?

    /// How many entries this trimmer has removed.
    public private(set) var entriesTrimmed: UInt64 = 0
    /// The group that somebody has to look at: one that has been absent, or has not moved while another one is further,
    /// for too long.
    public private(set) var holder: Holder?

    /// - Parameters:
    ///   - link: the way to Redis.
    ///   - stream: the key of the stream.
    ///   - requiredGroups: the groups that must all be done with an entry; others may lose entries that they are slow on.
    ///   - groupsRequiredIfPresent: groups that are required as well as soon as they exist.
    ///   - intervalMilliseconds: the shortest time between two trims.
    ///   - absentMillisecondsMax: how long a required group may be absent before it is the ``holder``.
    ///   - stillMillisecondsMax: how long it may stand still before that.
    ///   - clock: measures these times.
    public init(
        link: RedisLink, stream: String, requiredGroups: [String], groupsRequiredIfPresent: [String] = [],
        intervalMilliseconds: Int = 50, absentMillisecondsMax: Int = 5_000, stillMillisecondsMax: Int = 30_000,
        clock: MonotonicClock = .machine
    ) {
        self.link = link
        self.stream = stream
        self.requiredGroups = requiredGroups
        self.groupsRequiredIfPresent = groupsRequiredIfPresent
        self.absentMillisecondsMax = absentMillisecondsMax
        self.stillMillisecondsMax = stillMillisecondsMax
        self.clock = clock
        interval = Interval(milliseconds: intervalMilliseconds, clock: clock)
    }

    /// Trims, if the last time is long enough ago and Redis can be used.
    /// - Throws: errors that retrying cannot fix: `.wrongType`.
    public func trim() throws(RedisError) {
        guard link.current != nil, interval.restartIfDue() else { return }
        let groups: [RedisArgument] = (requiredGroups + groupsRequiredIfPresent).map { .text($0) }
        let arguments = [.number(Int64(requiredGroups.count))] + groups
        guard let reply = try link.call(link.run(.trim, keys: [stream], arguments))?.elements else { return }
        entriesTrimmed &+= UInt64(max(0, reply.first?.integer ?? 0))
        watch(reply.count == 3 ? (reply[1].text ?? "", reply[2].text ?? "") : nil)
    }

    private func watch(_ found: (group: String, place: String)?) {
        guard let found else {
            (last, holder) = (nil, nil)
            return
        }
        let now = clock.nanoseconds
        let isSame = last?.group == found.group && last?.place == found.place
        let since = isSame ? last?.since ?? now : now
        last = (found.group, found.place, since)
        let exists = !found.place.isEmpty
        let patience = exists ? stillMillisecondsMax : absentMillisecondsMax
        holder = (now - since) / 1_000_000 >= patience ? Holder(group: found.group, exists: exists) : nil
    }
}
