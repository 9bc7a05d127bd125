import Lifecycle

/// How entries are taken: our own pending ones, those of silent consumers, new ones.
extension StreamConsumer {
    func read(
        from connection: RedisConnection, count: Int, deadline: Deadline
    ) throws(RedisError) -> [StreamEntry] {
        try prepare(connection)
        sendCommits(on: connection)
        let isFull = { self.held.count >= self.options.entriesHeldMax }
        // Without room there is nothing to ask for, but confirmations may make some.
        let limit = isFull() ? deadline : .now
        try connection.pump(until: limit, onStop: .leave) { isFull() && unsent.isEmpty }
        // Also without room: a store that is away for long must not make this consumer look dead.
        try maintain(on: connection)
        let room = min(count, options.entriesHeldMax - held.count)
        guard room > 0, unsent.isEmpty else { return [] }
        let recovered = try recoverPending(on: connection, room: room)
        if !recovered.isEmpty { return recovered }
        let claimed = try claim(on: connection, room: room)
        if !claimed.isEmpty { return claimed }

        let block = deadline.remainingMilliseconds
        let blocking: [RedisArgument] = block > 0 ? ["BLOCK", .number(Int64(block))] : []
        let command: [RedisArgument] =
            ["XREADGROUP", "GROUP", .text(group), .text(consumer), "COUNT", .number(Int64(room))] + blocking
            + ["STREAMS", .text(stream), ">"]
        let reply = try link.exchange(
            command, on: connection, blockMilliseconds: block > 0 ? block : nil, proves: .wrote)
        return hold(Self.entries(ofRead: reply))
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

    private func recoverPending(on connection: RedisConnection, room: Int) throws(RedisError) -> [StreamEntry] {
        while let cursor = recoveryCursor {
            // Held entries are among the pending ones, and are skipped.
            let reply = try link.exchange(
                [
                    "XREADGROUP", "GROUP", .text(group), .text(consumer), "COUNT", .number(Int64(room + held.count)),
                    "STREAMS", .text(stream), .text(cursor),
                ], on: connection)
            let found = Self.entries(ofRead: reply)
            guard let last = found.last else {
                recoveryCursor = nil
                return []
            }
            recoveryCursor = last.id
            let entries = hold(found, isRedelivered: true)
            if !entries.isEmpty { return entries }
        }
        return []
    }

    private func claim(on connection: RedisConnection, room: Int) throws(RedisError) -> [StreamEntry] {
        guard claimDue.hasPassed else { return [] }
        let reply = try link.exchange(
            [
                "XAUTOCLAIM", .text(stream), .text(group), .text(consumer),
                .number(Int64(options.claimAfterMilliseconds)), .text(claimCursor), "COUNT", .number(Int64(room)),
            ], on: connection)
        let parts = reply.elements
        claimCursor = parts.first?.text ?? "0-0"
        if claimCursor == "0-0" { claimDue = .milliseconds(options.claimAfterMilliseconds / 2) }
        let found = parts.dropFirst().first?.elements.compactMap(StreamEntry.parse) ?? []
        let entries = hold(found, isRedelivered: true)
        guard !entries.isEmpty else { return [] }
        entriesClaimed += UInt64(entries.count)
        link.logger.notice(
            "Took over entries of a silent consumer", ["stream": stream, "group": group, "entries": entries.count])
        return entries
    }

    /// Keeps our own entries from being claimed, and removes consumers that are gone for good.
    private func maintain(on connection: RedisConnection) throws(RedisError) {
        if touchDue.hasPassed {
            touchDue = .milliseconds(options.claimAfterMilliseconds / 4)
            if !held.isEmpty {
                let arguments = [RedisArgument.text(group), .text(consumer)] + held.keys.map { .text($0) }
                _ = try link.exchange(link.run(.touch, keys: [stream], arguments), on: connection)
            }
        }
        if sweepDue.hasPassed {
            sweepDue = .milliseconds(60_000)
            let idle = Int64(link.settings.consumerIdleMaxMilliseconds)
            let arguments: [RedisArgument] = [.text(group), .text(consumer), .number(idle)]
            let deleted = try link.exchange(link.run(.sweepConsumers, keys: [stream], arguments), on: connection)
            if let count = deleted.integer, count > 0 {
                link.logger.info("Removed consumers that were silent for long", ["group": group, "count": count])
            }
        }
    }

    /// The entries of a reply of XREADGROUP: none, or `[[stream, [entry, …]]]`.
    private static func entries(ofRead reply: RedisReply) -> [(id: String, payload: [UInt8]?)] {
        reply.elements.first?.elements.last?.elements.compactMap(StreamEntry.parse) ?? []
    }

    /// Takes note of entries that are ours now. One that a trim has removed is acknowledged at once.
    private func hold(_ found: [(id: String, payload: [UInt8]?)], isRedelivered: Bool = false) -> [StreamEntry] {
        var entries: [StreamEntry] = []
        for (id, payload) in found where held[id] == nil {
            held[id] = Held()
            if let payload {
                entries.append(StreamEntry(id: id, payload: payload, isRedelivered: isRedelivered))
            } else {
                entriesLost += 1
                commit(id)
            }
        }
        return entries
    }
}
