public import EventContract
import Lifecycle

/// Writes raw batches together with the position that reading has reached, in one transaction each.
///
/// A commit names the checkpoint that it builds on; Redis refuses it when another one is stored. So a commit whose
/// reply was lost can be sent again, and a reader that works on old knowledge cannot write anything. Several commits
/// may be under way; after a failure those that were not carried out are sent again, in order.
///
/// Batches in flight are known here alone: the caller gives each one away and gets it back when it is stored. What the
/// caller keeps (`CheckpointChain` of the reader) is the checkpoint that its next commit is expected to build on. Failures of
/// Redis that pass by themselves are not thrown; the commits wait. Not for use by two threads at once.
public final class CheckpointedWriter<Batch> {
    /// What one transaction does.
    public struct Commit {
        /// The field of the sensor's checkpoints, one per file that is followed.
        public var field: String
        /// The checkpoint that is stored, nil for none. It must differ from `next`.
        public var previous: String?
        /// The checkpoint to store, nil to remove the field.
        public var next: String?
        /// The payload of the entry to write, if there is one.
        public var payload: [UInt8]?
        /// Letters to write.
        public var dead: [DeadLetter]
        /// What to add to the totals.
        public var totals: [(counter: StageCounter, amount: Int)]

        /// A transaction.
        public init(
            field: String, previous: String?, next: String?, payload: [UInt8]? = nil, dead: [DeadLetter] = [],
            totals: [(counter: StageCounter, amount: Int)] = []
        ) {
            self.field = field
            self.previous = previous
            self.next = next
            self.payload = payload
            self.dead = dead
            self.totals = totals
        }
    }

    /// What became of batches.
    public enum Outcome {
        /// The transaction is done.
        case confirmed(Batch)
        /// Redis holds another checkpoint than the commits build on (it may have lost its last second, or another reader
        /// writes): all batches of the field are dropped, and reading goes on at what is stored.
        case stale(field: String, stored: String?)
    }

    private struct Pending {
        var number: UInt64
        var batch: Batch
        var commit: Commit
        var isSent = false
    }

    private let link: RedisLink
    private let keys: StreamKeys
    private let sensor: String
    private let stage: String
    private let commitsInFlightMax: Int
    private var queue: [Pending] = []
    private var outcomes: [Outcome] = []
    private var lastNumber: UInt64 = 0
    private var epoch = 0
    /// The state of the link when the checkpoints were read last.
    private var recoveriesSeen = 0
    /// A commit failed or its reply was lost: what is stored decides what has to be sent again.
    private var mustReconcile = false
    private var fatal: RedisError?

    /// A writer; nothing is sent before the first use.
    /// - Parameters:
    ///   - link: the way to Redis.
    ///   - keys: the names.
    ///   - sensor: whose checkpoints these are.
    ///   - stage: the name of the totals.
    ///   - commitsInFlightMax: how many batches may be unconfirmed before there is no room.
    public init(
        link: RedisLink, keys: StreamKeys, sensor: String, stage: String = Stage.eveReader, commitsInFlightMax: Int = 4
    ) {
        self.link = link
        self.keys = keys
        self.sensor = sensor
        self.stage = stage
        self.commitsInFlightMax = commitsInFlightMax
    }

    /// How many batches have no outcome yet, or one that the caller has not taken.
    public var commitsUnconfirmed: Int { queue.count + outcomes.count }

    /// Whether another batch may be given.
    public var hasRoom: Bool { commitsUnconfirmed < commitsInFlightMax }

    /// Whether Redis may hold other checkpoints than it has confirmed: it is away, or was since they were read last, and
    /// may have lost its last second.
    public var mayHaveLost: Bool { link.fault != nil || recoveriesSeen != link.recoveries }

    /// The stored checkpoints by field; nil while Redis cannot be used.
    /// - Parameter waitMilliseconds: the longest wait for Redis to be usable.
    /// - Throws: errors that retrying cannot fix: `.wrongType`.
    public func checkpoints(waitMilliseconds: Int) throws(RedisError) -> [String: String]? {
        let command: [RedisArgument] = ["HGETALL", .text(keys.checkpoint(sensor: sensor))]
        guard let reply = try link.call(command, waitMilliseconds: waitMilliseconds) else { return nil }
        recoveriesSeen = link.recoveries
        return reply.fields.compactMapValues(\.text)
    }

    /// Queues a batch and sends it as far as that goes without waiting. The caller has looked at ``hasRoom``.
    public func submit(_ batch: Batch, as commit: Commit) {
        lastNumber += 1
        queue.append(Pending(number: lastNumber, batch: batch, commit: commit))
        guard let connection = link.current, epoch == link.epoch, !mustReconcile else { return }
        sendCommits(on: connection)
        // A failure shows itself again at the next use of the link, which reports it.
        try? connection.pump(until: .now, onStop: link.finishing) { false }
    }

    /// Moves commits on, and waits for the first outcome if any can be expected.
    /// - Parameter waitMilliseconds: the longest wait, for an outcome or for Redis; 0 takes what is there. Ends on a stop.
    /// - Throws: errors that retrying cannot fix: `.wrongType`.
    public func pump(waitMilliseconds: Int) throws(RedisError) -> [Outcome] {
        try pump(until: .milliseconds(waitMilliseconds), draining: false)
        return takeOutcomes()
    }

    /// Waits until all commits have an outcome; goes on after a stop.
    /// - Returns: the outcomes, and whether that is all of them.
    /// - Throws: errors that retrying cannot fix: `.wrongType`.
    public func drain(milliseconds: Int) throws(RedisError) -> (outcomes: [Outcome], isComplete: Bool) {
        let deadline = Deadline.milliseconds(milliseconds)
        while !queue.isEmpty, !deadline.hasPassed, !link.isDrainOver {
            try pump(until: deadline, draining: true)
        }
        return (takeOutcomes(), queue.isEmpty)
    }

    private func takeOutcomes() -> [Outcome] {
        defer { outcomes.removeAll() }
        return outcomes
    }

    private func pump(until deadline: Deadline, draining: Bool) throws(RedisError) {
        if let fatal { throw fatal }
        let wait = deadline.remainingMilliseconds
        guard let connection = try link.available(waitMilliseconds: wait, draining: draining) else { return }
        _ = try link.settle { () throws(RedisError) in
            if epoch != link.epoch {
                epoch = link.epoch
                mustReconcile = true
            }
            // Replies to what is still under way come first: they too change what is stored.
            if mustReconcile, !queue.contains(where: \.isSent) { try reconcile(on: connection) }
            if !mustReconcile { sendCommits(on: connection) }
            let onStop = draining ? link.finishing : .leave
            try connection.pump(until: deadline, onStop: onStop) {
                outcomes.isEmpty && queue.contains(where: \.isSent) && fatal == nil
            }
        }
        if let fatal { throw fatal }
    }

    private func sendCommits(on connection: RedisConnection) {
        let names = [
            keys.raw, keys.checkpoint(sensor: sensor), keys.totals(stage), keys.dead, keys.totals(Stage.deadLetters),
        ]
        for index in queue.indices where !queue[index].isSent {
            queue[index].isSent = true
            let commit = queue[index].commit
            var arguments: [RedisArgument] = [
                .text(commit.field), .text(commit.previous ?? ""), .text(commit.next ?? ""),
                commit.payload == nil ? "none" : "written",
            ]
            arguments.append(totals: commit.totals, letters: commit.dead, options: link.options)
            let number = queue[index].number
            let entry = commit.payload.map { (stream: keys.raw, payload: $0) }
            link.sendCommit(.readerCommit, keys: names, arguments, writing: entry, on: connection) {
                [weak self] reply in
                self?.settleCommit(number, reply)
            }
        }
    }

    private func settleCommit(_ number: UInt64, _ reply: RedisReply) {
        guard let index = queue.firstIndex(where: { $0.number == number }) else { return }
        guard case .error(let error) = reply else {
            link.succeeded(.stored)
            let done = queue.remove(at: index)
            link.settleLetters(done.commit.dead, reply)
            outcomes.append(.confirmed(done.batch))
            return
        }
        queue[index].isSent = false
        mustReconcile = true
        // A stale commit may only follow one that failed; reconciling tells.
        guard error.code != .stale else { return }
        fatal = link.reportReply(error) ?? fatal
    }

    /// Compares the stored checkpoints with the queue: what was carried out is confirmed, what builds on nothing is
    /// dropped, the rest is sent again.
    private func reconcile(on connection: RedisConnection) throws(RedisError) {
        for field in Set(queue.map(\.commit.field)) {
            let key = keys.checkpoint(sensor: sensor)
            let stored = try link.exchange(["HGET", .text(key), .text(field)], on: connection).text
            let pending = queue.filter { $0.commit.field == field }
            if let last = pending.lastIndex(where: { $0.commit.next == stored }) {
                remove(pending[...last])
                outcomes += pending[...last].map { .confirmed($0.batch) }
            } else if let first = pending.first, first.commit.previous != stored {
                remove(pending[...])
                outcomes.append(.stale(field: field, stored: stored))
                link.logger.warning(
                    "Redis holds another position than expected; reading goes on there",
                    ["field": field, "expected": first.commit.previous ?? "none", "stored": stored ?? "none"])
            }
        }
        mustReconcile = false
    }

    private func remove(_ settled: ArraySlice<Pending>) {
        let numbers = Set(settled.map(\.number))
        queue.removeAll { numbers.contains($0.number) }
    }
}

extension CheckpointedWriter.Outcome: Equatable where Batch: Equatable {}
