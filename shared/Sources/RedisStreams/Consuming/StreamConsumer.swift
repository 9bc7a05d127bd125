public import EventContract
import Lifecycle
import Zstd

/// One consumer of a consumer group: takes entries, and brings home what was made of them.
///
/// Each entry is *held* from ``next(blockMilliseconds:isTaking:)`` until Redis has confirmed its commit. A commit is one
/// transaction: output entry, dead letters, totals and acknowledgement together, and only if the entry is still pending
/// for this consumer. So a commit may be sent again after a failure without doing anything twice, and
/// this class does that by itself. Several entries and commits may be under way at a time.
///
/// What is held is bounded by number and by bytes.
///
/// Failures of Redis that pass by themselves are not thrown: `next` gives nothing and has waited. Not for use by two
/// threads at once.
public final class StreamConsumer {
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

    /// An entry that is not confirmed yet.
    struct Held {
        var commit: Commit?
        var isSent = false
        /// What it takes: the entry and its body, then what was made of it.
        var bytes = 0
        /// Whether nothing may be taken beside it, because an earlier delivery of it came to nothing.
        var isAlone = false
        /// Whether Redis counts this delivery as one that may end its holder.
        var isCharged = false
        /// How often it was kept from being claimed since.
        var touches = 0

        /// Whether it has been held for so long that it cannot be what ended an earlier holder: it waits for a store, which
        /// may need to see others before it goes on.
        var isWaiting: Bool { touches >= 2 && commit == nil }
    }

    /// What a commit writes.
    struct Commit {
        var output: [UInt8]?
        var letters: [DeadLetter] = []
        var totals: [(counter: StageCounter, amount: Int)] = []
        var latest: Latest?
        /// Whether the only letter is about the entry itself, whose bytes Redis puts into it.
        var buriesEntry = false
    }

    /// A text that is kept in a field of a hash, unless one from a later entry is there already: the id of its entry, a
    /// blank, the text.
    public struct Latest: Sendable {
        /// The key of the hash.
        public var hash: String
        /// The field.
        public var field: String
        /// The text.
        public var text: [UInt8]

        /// A text for a field.
        public init(_ text: [UInt8], field: String, of hash: String) {
            self.hash = hash
            self.field = field
            self.text = text
        }
    }

    let link: RedisLink
    let keys: StreamKeys
    let stream: String
    let output: String?
    let group: String
    let consumer: String
    let options: Options
    private let decompressor = ZstdDecompressor()

    var held: [String: Held] = [:]
    var unsent: [String] = []
    var fatal: RedisError?
    var epoch = 0
    var hasGroup = false
    /// Where reading our own pending entries goes on; nil when all are read.
    var recoveryCursor: String?
    var claimCursor = "0-0"
    var claimDue = Deadline.now
    var touchDue = Deadline.now
    var sweepDue = Deadline.now

    /// When this consumer began to read by its present connection and group, in monotonic nanoseconds. What Redis has
    /// lost before, such as the last second before a kill, may come again as new entries.
    public internal(set) var readingSince: Int64 = 0

    /// Entries taken over from consumers that gave no sign of life.
    public internal(set) var entriesClaimed: UInt64 = 0 {
        didSet { link.metrics.entriesClaimed.add(entriesClaimed - oldValue) }
    }
    /// Entries that became dead letters because they were delivered too often.
    public internal(set) var entriesGivenUp: UInt64 = 0 {
        didSet { link.metrics.entriesGivenUp.add(entriesGivenUp - oldValue) }
    }
    /// Entries that another consumer, or a trim, had taken away before they were committed.
    public internal(set) var entriesLost: UInt64 = 0 {
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
        self.stream = stream
        self.output = output
        self.group = group
        self.consumer = consumer
        self.options = options
    }

    /// How many entries were given out and are not confirmed.
    public var entriesHeld: Int { held.count }

    /// How many bytes those take.
    var bytesHeld: Int { held.values.reduce(0) { $0 + $1.bytes } }

    /// How many commits Redis has not confirmed.
    public var commitsUnconfirmed: Int { held.values.lazy.filter { $0.commit != nil }.count }

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
    /// - Throws: what waiting does not mend: a key of the wrong type.
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
                // Redis does not say which key it means, and whoever has to act must know.
                throw error.code == .wrongType ? RedisError(error.code, "\(stream): \(error.message)") : error
            }
            link.logger.warning("The consumer group is gone and is made again", ["stream": stream, "group": group])
            hasGroup = false
            return nil
        }
    }

    /// Brings home what was made of an entry: queues one transaction and sends it as far as that goes without waiting.
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
        commit(entryID, Commit(output: output, letters: dead, totals: totals, latest: latest))
    }

    func commit(_ entryID: String, _ commit: Commit) {
        guard held[entryID] != nil, held[entryID]?.commit == nil else { return }
        held[entryID]?.bytes = (commit.output?.count ?? 0) + commit.letters.reduce(0) { $0 + $1.bytes.count }
        held[entryID]?.commit = commit
        unsent.append(entryID)
        guard let connection = link.current, hasGroup, epoch == link.epoch else { return }
        sendCommits(on: connection)
        // A failure shows itself again at the next use of the link, which reports it.
        try? connection.pump(until: .now, onStop: link.finishing) { false }
    }

    /// Waits until Redis has confirmed all commits; goes on after a stop.
    /// - Returns: false when the time was over before that.
    /// - Throws: what waiting does not mend.
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
                    commitsUnconfirmed > unsent.count && fatal == nil
                }
            }
        }
        if link.stop.isStopped { try keepUncharged() }
        return true
    }

    /// What is still held is given back by an orderly end, which is no attempt at it that failed.
    private func keepUncharged() throws(RedisError) {
        guard !held.isEmpty, let connection = try link.available(waitMilliseconds: 0, draining: true) else { return }
        _ = try link.settle { () throws(RedisError) in try touch(Array(held.keys), on: connection) }
    }

    /// The raw batch of an entry. One that does not decode is put into the dead letters and acknowledged.
    /// - Returns: nil when it did not decode.
    /// - Throws: ``ContractError/newerVersion(_:)``: the service must stop, and the entry stays as it is.
    public func rawBatch(of entry: StreamEntry) throws(ContractError) -> RawBatch? {
        do throws(ContractError) {
            return try RawBatch(decoding: entry.payload, with: decompressor)
        } catch {
            try reject(entry, because: error)
            return nil
        }
    }

    /// The batch of documents of an entry. One that does not decode is put into the dead letters and acknowledged.
    /// - Returns: nil when it did not decode.
    /// - Throws: ``ContractError/newerVersion(_:)``: the service must stop, and the entry stays as it is.
    public func documentBatch(of entry: StreamEntry) throws(ContractError) -> DocumentBatch? {
        do throws(ContractError) {
            return try DocumentBatch(decoding: entry.payload, with: decompressor)
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
            ["stream": stream, "entry": entry.id, "reason": error])
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
}
