public import EventContract
import Lifecycle
import Zstd

/// One consumer of a consumer group: takes entries, and commits what was made of them.
///
/// Each entry is *held* from ``next(blockMilliseconds:isTaking:)`` until Redis has confirmed its commit. A commit is one
/// transaction: output entry, dead letters, totals and acknowledgement together, and only if the entry is still pending
/// for this consumer. So a commit may be sent again after a failure without doing anything twice, and
/// this class does that by itself. Several entries and commits may be under way at a time.
///
/// What is held is bounded by number and by bytes.
///
/// Transient failures of Redis are not thrown: `next` waits and returns nothing. Not for use by two threads at once.
public final class StreamConsumer {
    private let link: RedisLink
    private let keys: StreamKeys
    private let member: GroupMember
    private let output: String?
    private let decompressor = ZstdDecompressor()

    private let held: HeldEntries
    private var pending: PendingEntries
    private var touches: Interval
    private var sweeps = Interval(milliseconds: 60_000)
    /// The connection by which the group was joined; nil when that is to be done.
    private var joinedEpoch: Int?
    private var fatal: RedisError?

    /// When this consumer began to read by its present connection and group, in monotonic nanoseconds. What Redis has
    /// lost before, such as the last second before a kill, may come again as new entries.
    public private(set) var readingSince: Int64 = 0

    /// Entries taken over from consumers that gave no sign of life.
    public private(set) var entriesClaimed: UInt64 = 0 {
        didSet { link.metrics.entriesClaimed.add(entriesClaimed - oldValue) }
    }
    /// Entries that became dead letters because they were delivered too often.
    public private(set) var entriesGivenUp: UInt64 = 0 {
        didSet { link.metrics.entriesGivenUp.add(entriesGivenUp - oldValue) }
    }
    /// Entries that another consumer, or a trim, had taken away before they were committed.
    public private(set) var entriesLost: UInt64 = 0 {
        didSet { link.metrics.entriesLost.add(entriesLost - oldValue) }
    }

    /// A consumer; nothing is sent before the first `next`.
    /// - Parameters:
    ///   - link: the way to Redis.
    ///   - keys: the names.
    ///   - stream: the stream that is read, ``StreamKeys/raw`` or ``StreamKeys/ecs``.
    ///   - output: the stream that commits write to, if they do.
    ///   - group: the consumer group; also the name of the totals.
    ///   - consumer: the name of this consumer in the group, the same after a restart.
    ///   - options: what can be adjusted.
    public init(
        link: RedisLink, keys: StreamKeys, stream: String, output: String? = nil, group: String, consumer: String,
        options: Options = Options()
    ) {
        self.link = link
        self.keys = keys
        self.output = output
        member = GroupMember(link: link, stream: stream, group: group, consumer: consumer)
        held = HeldEntries(limits: options)
        pending = PendingEntries(of: member, options: options, deliveriesMax: link.options.deliveriesMax)
        touches = Interval(milliseconds: options.claimAfterMilliseconds / 4)
    }

    /// How many entries were given out and are not confirmed.
    public var entriesHeld: Int { held.count }

    /// How many bytes those take.
    var bytesHeld: Int { held.bytes }

    /// How many commits Redis has not confirmed.
    public var commitsUnconfirmed: Int { held.commitsUnconfirmed }

    /// The next entry: first those that were pending for this consumer before it started or lost its connection, then those
    /// of consumers that gave no sign of life, then new ones.
    ///
    /// An entry that was delivered before is given alone: when nothing else is held, and nothing beside it until its
    /// commit is confirmed or it has been held for some time, half of `claimAfterMilliseconds` at most. After
    /// `redis.deliveries_max` deliveries it becomes a dead letter without being given again.
    ///
    /// Also moves commits on. Returns early on a stop.
    /// - Parameters:
    ///   - blockMilliseconds: the longest wait, for an entry, for room or for Redis; 0 takes what is there.
    ///   - isTaking: whether an entry can be taken; false only moves commits on.
    /// - Returns: nil when there is none, or no room for one.
    /// - Throws: errors that retrying cannot fix: `.wrongType`.
    public func next(blockMilliseconds: Int, isTaking: Bool = true) throws(RedisError) -> StreamEntry? {
        try throwIfFatal()
        guard let connection = try link.available(waitMilliseconds: blockMilliseconds) else { return nil }
        do throws(RedisError) {
            let entry = try link.settle { () throws(RedisError) in
                try read(from: connection, isTaking: isTaking, deadline: .milliseconds(blockMilliseconds))
            }
            try throwIfFatal()
            return entry ?? nil
        } catch {
            guard error.reaction == .recreateGroup else {
                try? keepUncharged()
                // Redis does not say which key it means, but whoever fixes it must know.
                guard error.code == .wrongType else { throw error }
                throw RedisError(error.code, "\(member.stream): \(error.message)", cause: error.cause)
            }
            link.logger.warning(
                "The consumer group is gone and is made again", ["stream": member.stream, "group": member.group])
            joinedEpoch = nil
            return nil
        }
    }

    /// Commits what was made of an entry: queues one transaction and sends it as far as that goes without waiting.
    ///
    /// Confirmation comes with later calls of `next` or `drain`. An entry that is not held (any more) is passed over.
    /// - Parameters:
    ///   - entryID: the entry, which is acknowledged.
    ///   - output: the payload of the entry to write to the output stream.
    ///   - dead: letters to write.
    ///   - totals: what to add to the totals of the group.
    ///   - latest: a text to keep.
    public func commit(
        _ entryID: String, output: [UInt8]? = nil, dead: [DeadLetter] = [],
        totals: [(counter: StageCounter, amount: Int)] = [], latest: Latest? = nil
    ) {
        commit(entryID, EntryCommit(output: output, letters: dead, totals: totals, latest: latest))
    }

    private func commit(_ entryID: String, _ commit: EntryCommit) {
        guard held.commit(entryID, commit), let connection = link.current, joinedEpoch == link.epoch else { return }
        sendCommits(on: connection)
        // A failure shows itself again at the next use of the link, which reports it.
        try? connection.pump(until: .now, onStop: link.finishing) { false }
    }

    /// Waits until Redis has confirmed all commits; goes on after a stop.
    /// - Returns: false when the time was over before that.
    /// - Throws: errors that retrying cannot fix: `.wrongType`, `.noGroup`.
    public func drain(milliseconds: Int) throws(RedisError) -> Bool {
        let deadline = Deadline.milliseconds(milliseconds)
        while commitsUnconfirmed > 0 {
            try throwIfFatal()
            if deadline.hasPassed || link.isDrainOver { return false }
            let left = deadline.remainingMilliseconds
            guard let connection = try link.available(waitMilliseconds: left, draining: true) else { continue }
            _ = try link.settle { () throws(RedisError) in
                sendCommits(on: connection)
                try connection.pump(until: deadline, onStop: link.finishing) {
                    held.commitsInFlight > 0 && fatal == nil
                }
            }
        }
        if link.stop.isStopped { try keepUncharged() }
        return true
    }

    /// What is still held is given back by an orderly end, which is no attempt at it that failed.
    private func keepUncharged() throws(RedisError) {
        guard !held.isEmpty, let connection = try link.available(waitMilliseconds: 0, draining: true) else { return }
        _ = try link.settle { () throws(RedisError) in try member.touch(held.ids, on: connection) }
    }

    /// The raw batch of an entry. One that does not decode is put into the dead letters and acknowledged.
    /// - Returns: nil when it did not decode.
    /// - Throws: ``ContractError/newerVersion(_:)``: the service must stop, and the entry stays as it is.
    public func rawBatch(of entry: StreamEntry) throws(ContractError) -> RawBatch? {
        try decode(entry, RawBatch.init(decoding:with:))
    }

    /// The batch of documents of an entry. One that does not decode is put into the dead letters and acknowledged.
    /// - Returns: nil when it did not decode.
    /// - Throws: ``ContractError/newerVersion(_:)``: the service must stop, and the entry stays as it is.
    public func documentBatch(of entry: StreamEntry) throws(ContractError) -> DocumentBatch? {
        try decode(entry, DocumentBatch.init(decoding:with:))
    }

    private func decode<Batch>(
        _ entry: StreamEntry, _ decode: ([UInt8], ZstdDecompressor) throws(ContractError) -> Batch
    ) throws(ContractError) -> Batch? {
        do throws(ContractError) {
            return try decode(entry.payload, decompressor)
        } catch {
            try reject(entry, because: error)
            return nil
        }
    }

    private func reject(_ entry: StreamEntry, because error: ContractError) throws(ContractError) {
        if case .newerVersion = error {
            try? keepUncharged()
            throw error
        }
        link.logger.warning(
            "An entry of the stream cannot be read and becomes a dead letter",
            ["stream": member.stream, "entry": entry.id, "reason": error])
        let letter = entry.payload.withUnsafeBytes { bytes in
            DeadLetter(
                reason: error.description, origin: .init(service: link.service, entryID: entry.id),
                time: WallClock.nanoseconds(), bytes: bytes)
        }
        commit(entry.id, dead: [letter], totals: [(.rejected, 1)])
    }

    private func throwIfFatal() throws(RedisError) {
        if let fatal { throw fatal }
    }

    // MARK: Reading

    private func read(from connection: RedisConnection, isTaking: Bool, deadline: Deadline) throws(RedisError)
        -> StreamEntry?
    {
        try join(on: connection)
        sendCommits(on: connection)
        // Without room there is nothing to ask for, but confirmations may make some.
        let limit = held.hasRoom ? .now : deadline
        try connection.pump(until: limit, onStop: .leave) { !held.hasRoom && held.isAllSent }
        // Also without room: a store that is away for long must not make this consumer look dead.
        try maintain(on: connection)
        guard isTaking, held.hasRoom, held.isAllSent else { return nil }
        if let entry = try takePending(on: connection) { return entry }
        if pending.areRead, try claim(on: connection), let entry = try takePending(on: connection) { return entry }
        guard pending.areRead else {
            // Pending entries come before new ones, and wait until nothing else is held.
            try connection.pump(until: deadline, onStop: .leave) { !held.isEmpty }
            return nil
        }
        let found = try member.readNew(blockMilliseconds: deadline.remainingMilliseconds, on: connection)
        return found.flatMap { hold($0.id, $0.payload, deliveries: 1) }
    }

    /// Joins the group, once for each connection and after the group was lost.
    private func join(on connection: RedisConnection) throws(RedisError) {
        guard joinedEpoch != link.epoch else { return }
        pending.readAgain()
        readingSince = MonotonicClock.nanoseconds()
        try member.join(on: connection)
        joinedEpoch = link.epoch
    }

    private func takePending(on connection: RedisConnection) throws(RedisError) -> StreamEntry? {
        while let step = try pending.next(beside: held, on: connection) {
            switch step {
            case .delivery(let id, let payload, let deliveries):
                if let entry = hold(id, payload, deliveries: deliveries) { return entry }
            case .exhausted(let id, let deliveries):
                giveUp(id, deliveries: deliveries)
                return nil
            }
        }
        return nil
    }

    /// - Returns: whether entries of silent consumers are ours now.
    private func claim(on connection: RedisConnection) throws(RedisError) -> Bool {
        let count = try pending.claim(beside: held, on: connection)
        guard count > 0 else { return false }
        entriesClaimed += UInt64(count)
        link.logger.notice(
            "Took over entries of a silent consumer",
            ["stream": member.stream, "group": member.group, "entries": count])
        return true
    }

    /// Records an entry that is ours now. One that a trim has removed is acknowledged at once.
    private func hold(_ id: String, _ payload: [UInt8]?, deliveries: Int) -> StreamEntry? {
        guard let payload else {
            held.hold(id)
            entriesLost += 1
            commit(id)
            return nil
        }
        let isRedelivered = deliveries > 1
        let bodyBytes = min(BatchFront(payload)?.bodyBytes ?? 0, BatchHeader.bodyBytesMax)
        held.hold(id, bytes: payload.count + bodyBytes, isRedelivered: isRedelivered)
        return StreamEntry(id: id, payload: payload, isRedelivered: isRedelivered)
    }

    /// Makes a dead letter of an entry that no consumer has finished.
    private func giveUp(_ id: String, deliveries: Int) {
        link.logger.error(
            "An entry of the stream becomes a dead letter because nobody has got through with it",
            ["stream": member.stream, "entry": id, "deliveries": deliveries])
        let letter = DeadLetter(
            reason: "delivered \(deliveries) times and never finished: whoever took it ended before it was done",
            origin: .init(service: link.service, entryID: id), attempt: deliveries,
            time: WallClock.nanoseconds(), bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        held.holdAlone(id)
        entriesGivenUp += 1
        commit(id, EntryCommit(letters: [letter], totals: [(.rejected, 1)], buriesEntry: true))
    }

    /// Keeps our own entries from being claimed, and removes consumers that are gone for good.
    private func maintain(on connection: RedisConnection) throws(RedisError) {
        // A consumer that still holds an entry in the next round was not ended by it; the entry only waits for a store.
        let survivors = held.survivors
        try member.touch(survivors, on: connection)
        held.uncharge(survivors)
        if touches.restartIfDue() {
            try member.touch(held.ids, on: connection)
            held.noteTouch()
        }
        if sweeps.restartIfDue() {
            try member.sweep(idleMilliseconds: link.options.consumerIdleMaxMilliseconds, on: connection)
        }
    }

    // MARK: Commits

    private func sendCommits(on connection: RedisConnection) {
        for (id, commit) in held.takeUnsent() {
            link.send(commit, of: id, by: member, to: output, keys: keys, on: connection) { [weak self] reply in
                self?.settleCommit(of: id, reply)
            }
        }
    }

    private func settleCommit(of id: String, _ reply: RedisReply) {
        guard case .error(let error) = reply else {
            link.succeeded(.stored)
            let commit = held.release(id)
            link.settleLetters(commit?.letters ?? [], reply)
            if reply.integer == 0 { entriesLost += 1 }
            return
        }
        if error.reaction == .recreateGroup {
            // Without its group the entry is nobody's; it is read again from the start of the stream.
            joinedEpoch = nil
            entriesLost += 1
            held.release(id)
            return
        }
        held.sendAgain(id)
        fatal = link.reportReply(error) ?? fatal
    }
}
