import EventContract
import Lifecycle
import RedisStreams

/// The dead letters in Redis: what is there, and what a person decides about it.
///
/// A letter goes back by one script, which writes the entry and then deletes the letter: whatever is killed in between, the letter
/// is there or its bytes are in the stream, and never both. From there they are stored, or come back as a new letter.
struct DeadLetterQueue: Sendable {
    /// Letters that a look goes through at most, the newest first.
    static let lettersLookedAtMax = 10_000
    /// Letters that one request moves or deletes at most, and how long it takes for that; the caller goes on.
    static let lettersAtOnceMax = 500
    private static let workMillisecondsMax = 2_000

    private static let pageLetters = 500
    private static let pageBytes = 4 << 20
    private static let textBytesMax = 2_048

    let redis: PipelineRedis

    /// Letters with one reason.
    struct Group: Sendable {
        let reason: LetterReason
        /// The newest letter.
        let newest: StoredLetter
        /// The oldest letter.
        fileprivate(set) var oldest: StoredLetter
        fileprivate(set) var count = 0
        /// How many can go back as they are.
        fileprivate(set) var replayableCount = 0
        fileprivate(set) var byteCount = 0
    }

    /// What came of moving or deleting letters.
    struct Outcome: Sendable {
        var doneCount = 0
        /// Letters that could not be moved, and are still there.
        var refusedCount = 0
        /// Where the next request goes on; nil when all are done.
        var next: String?
    }

    // MARK: - Looking

    /// The reasons with their letters, that with the newest first; complete unless there are more letters than are looked at.
    func groups() throws(RedisError) -> (groups: [Group], total: Int, isComplete: Bool) {
        let total = Int(clamping: try redis.call(["XLEN", .text(redis.keys.dead)]).integer ?? 0)
        var groups: [LetterReason: Group] = [:]
        var lettersSeen = 0
        let end = try visit(from: "+") { stored in
            let reason = LetterReason(of: stored.letter)
            var group = groups.removeValue(forKey: reason) ?? Group(reason: reason, newest: stored, oldest: stored)
            group.oldest = stored
            group.count += 1
            group.byteCount += stored.byteCount
            if stored.obstacle == nil { group.replayableCount += 1 }
            groups[reason] = group
            lettersSeen += 1
            return lettersSeen < Self.lettersLookedAtMax
        }
        let sorted = groups.values.sorted { $0.newest.letter.time > $1.newest.letter.time }
        return (sorted, max(total, lettersSeen), end == nil)
    }

    /// Letters of a group from one on to older ones, and where the next page goes on.
    /// - Parameter start: a letter that may be among them; nil for the newest.
    func letters(
        of key: String, from start: String?, limit: Int
    ) throws(RedisError) -> (letters: [StoredLetter], next: String?) {
        var letters: [StoredLetter] = []
        var lettersSeen = 0
        let end = try visit(from: start ?? "+") { stored in
            if LetterReason(of: stored.letter).key == key { letters.append(stored) }
            lettersSeen += 1
            return letters.count < limit && lettersSeen < Self.lettersLookedAtMax
        }
        return (letters, end.flatMap { StreamEntryID($0)?.previous?.description })
    }

    /// A letter with all of its bytes; nil when it is not there, or no longer.
    func letter(_ id: String) throws(RedisError) -> StoredLetter? {
        let reply = try redis.call(["XRANGE", .text(redis.keys.dead), .text(id), .text(id)])
        return reply.elements.first.flatMap(Self.stored)
    }

    /// Calls `visit` with the fronts of letters, the newest first, until it gives false.
    /// - Returns: the letter at which it gave false; nil when it saw all.
    @discardableResult
    private func visit(
        from start: String, _ visit: (StoredLetter) throws(RedisError) -> Bool
    ) throws(RedisError) -> String? {
        var start = start
        while true {
            let page = try redis.call([
                "EVAL_RO", .text(DeadLetterScript.look), "1", .text(redis.keys.dead), .text(start),
                .number(Int64(Self.pageLetters)), .number(Int64(Self.pageBytes)), .number(Int64(BatchFront.bytesRead)),
                .number(Int64(Self.textBytesMax)),
            ]).elements
            guard !page.isEmpty else { return nil }
            for letter in page.compactMap(Self.stored) {
                guard try visit(letter) else { return letter.id }
                start = "(\(letter.id)"
            }
        }
    }

    private static func stored(_ reply: RedisReply) -> StoredLetter? {
        guard reply.elements.count == 2, let id = reply.elements[0].text else { return nil }
        let fields = reply.elements[1].fields
        let letter = DeadLetter(fields: fields.compactMapValues(\.bytes))
        return StoredLetter(
            id: id, letter: letter, byteCount: Int(clamping: fields["byte_count"]?.integer ?? Int64(letter.bytes.count))
        )
    }

    // MARK: - Deciding

    /// Puts what a letter holds back into its stream.
    /// - Returns: false when the letter is not there, or no longer.
    func put(_ replay: Replay, inPlaceOf id: String) throws(RedisError) -> Bool {
        try redis.call([
            "EVAL", .text(DeadLetterScript.replay), "3", .text(redis.keys.dead),
            .text(redis.keys.totals(Stage.deadLetters)), .text(redis.keys.stream(replay.stream)), .text(id),
            .bytes(replay.payload),
        ]).integer == 1
    }

    /// Puts all letters of a group back that can go as they are, from `through` to older ones: those that come back meanwhile
    /// are newer.
    func replay(group key: String, through: String) throws(RedisError) -> Outcome {
        try work(on: key, through: through) { stored throws(RedisError) in
            guard stored.obstacle == nil, let whole = try letter(stored.id), let replay = try? Replay(of: whole) else {
                return false
            }
            return try put(replay, inPlaceOf: whole.id)
        }
    }

    /// Deletes letters of a group, from `through` to older ones.
    func delete(group key: String, through: String) throws(RedisError) -> Outcome {
        try work(on: key, through: through) { stored throws(RedisError) in try delete(stored.id) }
    }

    /// Deletes a letter.
    /// - Returns: false when it is not there, or no longer.
    func delete(_ id: String) throws(RedisError) -> Bool {
        try redis.call([
            "EVAL", .text(DeadLetterScript.delete), "2", .text(redis.keys.dead),
            .text(redis.keys.totals(Stage.deadLetters)), .text(id),
        ]).integer == 1
    }

    private func work(
        on key: String, through: String, _ work: (StoredLetter) throws(RedisError) -> Bool
    ) throws(RedisError) -> Outcome {
        let deadline = Deadline.milliseconds(Self.workMillisecondsMax)
        let (letters, next) = try letters(of: key, from: through, limit: Self.lettersAtOnceMax)
        var outcome = Outcome(next: next)
        for stored in letters {
            guard !deadline.hasPassed else {
                outcome.next = stored.id
                break
            }
            if try work(stored) { outcome.doneCount += 1 } else { outcome.refusedCount += 1 }
        }
        return outcome
    }
}
