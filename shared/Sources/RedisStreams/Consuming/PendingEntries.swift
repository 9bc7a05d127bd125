import Lifecycle

/// The entries of a consumer that were delivered before: what an earlier process left behind, what came with a connection
/// that was lost, and what is claimed from consumers that give no sign of life.
///
/// Such an entry may be what ended its last consumer. So it is given out only when nothing else is held, and not at all
/// after too many deliveries.
struct PendingEntries {
    /// What comes next.
    enum Step {
        /// An entry, and how often it has been delivered.
        case delivery(id: String, payload: [UInt8]?, deliveries: Int)
        /// One that was delivered too often. It is not even read: that may be what does not work.
        case exhausted(id: String, deliveries: Int)
    }

    private let member: GroupMember
    private let options: StreamConsumer.Options
    private let deliveriesMax: Int
    /// Where reading goes on; nil when all are read.
    private var cursor: String?
    private var claimCursor = "0-0"
    private var claims: Interval

    init(of member: GroupMember, options: StreamConsumer.Options, deliveriesMax: Int) {
        self.member = member
        self.options = options
        self.deliveriesMax = deliveriesMax
        claims = Interval(milliseconds: options.claimAfterMilliseconds / 2)
    }

    /// Whether there are none.
    var areRead: Bool { cursor == nil }

    /// There may be some again: a reply with entries for us may have been lost.
    mutating func readAgain() {
        cursor = "0-0"
    }

    /// The next one that is not held.
    /// - Returns: nil when all are read, and as long as another entry is held that it must not be given beside.
    mutating func next(
        beside held: HeldEntries, on connection: RedisConnection
    ) throws(RedisError) -> Step? {
        guard let cursor else { return nil }
        // The ids first: what is held is among them, and an entry can be large.
        let pending = try member.pending(after: cursor, countMax: held.count + 1, on: connection)
        guard let index = pending.firstIndex(where: { !held.contains($0.id) }) else {
            self.cursor = nil
            return nil
        }
        let (id, deliveries) = pending[index]
        guard held.areAllWaiting else { return nil }
        if deliveries >= deliveriesMax {
            self.cursor = id
            return .exhausted(id: id, deliveries: deliveries)
        }
        // Those before it are held.
        let found = try member.readPending(after: index == 0 ? cursor : pending[index - 1].id, on: connection)
        self.cursor = found?.id
        return found.map { .delivery(id: $0.id, payload: $0.payload, deliveries: max(2, deliveries &+ 1)) }
    }

    /// Makes entries of silent consumers our own pending ones, if it is time to look for some.
    /// - Returns: how many.
    mutating func claim(beside held: HeldEntries, on connection: RedisConnection) throws(RedisError) -> Int {
        guard claims.isDue else { return 0 }
        let (ids, next) = try member.claim(
            idleMilliseconds: options.claimAfterMilliseconds, from: claimCursor, countMax: options.entriesHeldMax,
            on: connection)
        claimCursor = next
        if next == "0-0" { claims.restart() }
        let count = ids.count { !held.contains($0) }
        if count > 0 { readAgain() }
        return count
    }
}
