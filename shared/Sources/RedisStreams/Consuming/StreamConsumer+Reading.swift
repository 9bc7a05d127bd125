import EventContract
import Lifecycle

/// How entries are taken: our own pending ones, those of silent consumers, new ones.
extension StreamConsumer {
    func read(from connection: RedisConnection, isTaking: Bool, deadline: Deadline) throws(RedisError) -> StreamEntry? {
        try prepare(connection)
        sendCommits(on: connection)
        // Without room there is nothing to ask for, but confirmations may make some.
        let limit = hasRoom ? .now : deadline
        try connection.pump(until: limit, onStop: .leave) { !hasRoom && unsent.isEmpty }
        // Also without room: a store that is away for long must not make this consumer look dead.
        try maintain(on: connection)
        guard isTaking, hasRoom, unsent.isEmpty else { return nil }
        if let recovered = try recoverPending(on: connection) { return recovered }
        if recoveryCursor == nil, try claim(on: connection), let claimed = try recoverPending(on: connection) {
            return claimed
        }
        if recoveryCursor != nil {
            // What is pending goes before what is new, and waits until nothing else is held.
            try connection.pump(until: deadline, onStop: .leave) { !held.isEmpty }
            return nil
        }

        let block = deadline.remainingMilliseconds
        let blocking: [RedisArgument] = block > 0 ? ["BLOCK", .number(Int64(block))] : []
        let command: [RedisArgument] =
            ["XREADGROUP", "GROUP", .text(group), .text(consumer), "COUNT", "1"] + blocking
            + ["STREAMS", .text(stream), ">"]
        let reply = try link.exchange(
            command, on: connection, blockMilliseconds: block > 0 ? block : nil, proves: .wrote)
        return Self.entry(ofRead: reply).flatMap { hold($0.id, $0.payload, deliveries: 1) }
    }

    /// Whether one more entry may be taken. How large it is is not known before it is here.
    private var hasRoom: Bool {
        held.count < options.entriesHeldMax && bytesHeld < options.bytesHeldMax
            && !held.values.contains { $0.isAlone && !$0.isWaiting }
    }

    /// What has to be done once for each connection, and after the group was lost.
    private func prepare(_ connection: RedisConnection) throws(RedisError) {
        if epoch != link.epoch {
            epoch = link.epoch
            hasGroup = false
            // A reply with entries for us may have been lost with the old connection.
            recoveryCursor = "0-0"
        }
        guard !hasGroup else { return }
        readingSince = MonotonicClock.nanoseconds()
        do throws(RedisError) {
            _ = try link.exchange(["XGROUP", "CREATE", .text(stream), .text(group), "0", "MKSTREAM"], on: connection)
            link.logger.info("Created the consumer group", ["stream": stream, "group": group])
        } catch {
            guard error.message.hasPrefix("BUSYGROUP") else { throw error }
        }
        hasGroup = true
    }

    /// The next of our own pending entries that is not held: what an earlier process left behind, what came with a
    /// connection that was lost, and what was claimed.
    ///
    /// Whoever held such an entry may have ended because of it. So it is given when nothing else is held, and nothing is
    /// taken beside it; one that was delivered too often is given to nobody any more.
    private func recoverPending(on connection: RedisConnection) throws(RedisError) -> StreamEntry? {
        while let cursor = recoveryCursor {
            // The ids first: what is held is among them, and an entry can be large.
            let range = cursor == "0-0" ? "-" : "(\(cursor)"
            let look = try link.exchange(
                [
                    "XPENDING", .text(stream), .text(group), .text(range), "+", .number(Int64(held.count + 1)),
                    .text(consumer),
                ], on: connection)
            let pending = look.elements.map(\.elements).first { held[$0.first?.text ?? ""] == nil }
            guard let pending, let id = pending.first?.text else {
                recoveryCursor = nil
                return nil
            }
            guard held.values.allSatisfy(\.isWaiting) else { return nil }
            let deliveries = Int(clamping: pending.last?.integer ?? 1)
            if deliveries >= link.options.deliveriesMax {
                recoveryCursor = id
                giveUp(id, deliveries: deliveries)
                return nil
            }
            let reply = try link.exchange(
                [
                    "XREADGROUP", "GROUP", .text(group), .text(consumer), "COUNT", "1", "STREAMS", .text(stream),
                    .text(cursor),
                ], on: connection)
            guard let found = Self.entry(ofRead: reply) else {
                recoveryCursor = nil
                return nil
            }
            recoveryCursor = found.id
            if let entry = hold(found.id, found.payload, deliveries: max(2, deliveries &+ 1)) { return entry }
        }
        return nil
    }

    /// Makes entries of silent consumers our own pending ones.
    /// - Returns: whether there were any.
    private func claim(on connection: RedisConnection) throws(RedisError) -> Bool {
        guard claimDue.hasPassed else { return false }
        let reply = try link.exchange(
            [
                "XAUTOCLAIM", .text(stream), .text(group), .text(consumer),
                .number(Int64(options.claimAfterMilliseconds)), .text(claimCursor), "COUNT",
                .number(Int64(options.entriesHeldMax)), "JUSTID",
            ], on: connection)
        let parts = reply.elements
        claimCursor = parts.first?.text ?? "0-0"
        if claimCursor == "0-0" { claimDue = .milliseconds(options.claimAfterMilliseconds / 2) }
        let claimed = parts.dropFirst().first?.elements.compactMap(\.text).filter { held[$0] == nil } ?? []
        guard !claimed.isEmpty else { return false }
        recoveryCursor = "0-0"
        entriesClaimed += UInt64(claimed.count)
        link.logger.notice(
            "Took over entries of a silent consumer", ["stream": stream, "group": group, "entries": claimed.count])
        return true
    }

    /// Lets go of an entry that nobody has got through with. It is not even read: that may be what does not work.
    private func giveUp(_ id: String, deliveries: Int) {
        let reason = "delivered \(deliveries) times and never finished: whoever took it ended before it was done"
        link.logger.error(
            "An entry of the stream becomes a dead letter because nobody has got through with it",
            ["stream": stream, "entry": id, "deliveries": deliveries])
        let letter = DeadLetter(
            reason: reason, origin: .init(service: link.service, entryID: id), attempt: deliveries,
            time: WallClock.nanoseconds(), bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        held[id] = Held(isAlone: true)
        entriesGivenUp += 1
        commit(id, Commit(letters: [letter], totals: [(.rejected, 1)], buriesEntry: true))
    }

    /// Keeps our own entries from being claimed, and removes consumers that are gone for good.
    private func maintain(on connection: RedisConnection) throws(RedisError) {
        // Whoever still holds an entry in the next round was not ended by it; what is left is waiting for a store.
        let survived = held.filter { $0.value.isCharged && $0.value.commit == nil }.map(\.key)
        try touch(survived, on: connection)
        for id in survived { held[id]?.isCharged = false }
        if touchDue.hasPassed {
            touchDue = .milliseconds(options.claimAfterMilliseconds / 4)
            try touch(Array(held.keys), on: connection)
            for id in held.keys { held[id]?.touches += 1 }
        }
        if sweepDue.hasPassed {
            sweepDue = .milliseconds(60_000)
            let idle = Int64(link.options.consumerIdleMaxMilliseconds)
            let arguments: [RedisArgument] = [.text(group), .text(consumer), .number(idle)]
            let deleted = try link.exchange(link.run(.sweepConsumers, keys: [stream], arguments), on: connection)
            if let count = deleted.integer, count > 0 {
                link.logger.info("Removed consumers that were silent for long", ["group": group, "count": count])
            }
        }
    }

    /// Tells Redis that a living process has these entries and was not ended by them: they look fresh, and count as
    /// delivered once.
    func touch(_ ids: [String], on connection: RedisConnection) throws(RedisError) {
        guard !ids.isEmpty else { return }
        let arguments = [RedisArgument.text(group), .text(consumer)] + ids.map { .text($0) }
        _ = try link.exchange(link.run(.touch, keys: [stream], arguments), on: connection)
    }

    /// The entry of a reply of XREADGROUP: none, or `[[stream, [entry]]]`.
    private static func entry(ofRead reply: RedisReply) -> (id: String, payload: [UInt8]?)? {
        (reply.elements.first?.elements.last?.elements.first).flatMap(StreamEntry.parse)
    }

    /// Takes note of an entry that is ours now. One that a trim has removed is acknowledged at once.
    private func hold(_ id: String, _ payload: [UInt8]?, deliveries: Int) -> StreamEntry? {
        let isRedelivered = deliveries > 1
        guard let payload else {
            held[id] = Held()
            entriesLost += 1
            commit(id)
            return nil
        }
        let bodyBytes = BatchFront(payload)?.bodyBytes ?? 0
        held[id] = Held(
            bytes: payload.count + min(bodyBytes, BatchHeader.bodyBytesMax), isAlone: isRedelivered,
            isCharged: isRedelivered)
        return StreamEntry(id: id, payload: payload, isRedelivered: isRedelivered)
    }
}
