/// One consumer in its group: what it can ask Redis for.
struct GroupMember {
    let link: RedisLink
    let stream: String
    let group: String
    let consumer: String

    /// An entry as Redis gives it; the payload is nil when a trim has removed the entry.
    typealias Delivery = (id: String, payload: [UInt8]?)

    /// Makes the group, at the start of the stream, if it does not exist.
    func join(on connection: RedisConnection) throws(RedisError) {
        do throws(RedisError) {
            _ = try link.exchange(["XGROUP", "CREATE", .text(stream), .text(group), "0", "MKSTREAM"], on: connection)
            link.logger.info("Created the consumer group", ["stream": stream, "group": group])
        } catch {
            guard error.message.hasPrefix("BUSYGROUP") else { throw error }
        }
    }

    /// The next entry that nobody has taken.
    /// - Parameter blockMilliseconds: how long to wait for one.
    func readNew(blockMilliseconds: Int, on connection: RedisConnection) throws(RedisError) -> Delivery? {
        let isBlocking = blockMilliseconds > 0
        let blocking: [RedisArgument] = isBlocking ? ["BLOCK", .number(Int64(blockMilliseconds))] : []
        let reply = try link.exchange(
            readOne + blocking + ["STREAMS", .text(stream), ">"], on: connection,
            blockMilliseconds: isBlocking ? blockMilliseconds : nil, proves: .wrote)
        return Self.delivery(reply)
    }

    /// The first of our own pending entries behind an id.
    func readPending(after id: String, on connection: RedisConnection) throws(RedisError) -> Delivery? {
        Self.delivery(try link.exchange(readOne + ["STREAMS", .text(stream), .text(id)], on: connection))
    }

    /// The ids of our own pending entries behind an id, each with the number of its deliveries.
    func pending(
        after id: String, countMax: Int, on connection: RedisConnection
    ) throws(RedisError) -> [(id: String, deliveries: Int)] {
        let command: [RedisArgument] = [
            "XPENDING", .text(stream), .text(group), .text(id == "0-0" ? "-" : "(\(id)"), "+",
            .number(Int64(countMax)), .text(consumer),
        ]
        return try link.exchange(command, on: connection).elements.map(\.elements).map { entry in
            (id: entry.first?.text ?? "", deliveries: Int(clamping: entry.last?.integer ?? 1))
        }
    }

    /// Makes entries that were not touched for so long our own pending ones.
    /// - Returns: the ids, and where to go on; that is the start when all were looked at.
    func claim(
        idleMilliseconds: Int, from cursor: String, countMax: Int, on connection: RedisConnection
    ) throws(RedisError) -> (ids: [String], next: String) {
        let parts = try link.exchange(
            [
                "XAUTOCLAIM", .text(stream), .text(group), .text(consumer), .number(Int64(idleMilliseconds)),
                .text(cursor), "COUNT", .number(Int64(countMax)), "JUSTID",
            ], on: connection
        ).elements
        return (parts.dropFirst().first?.elements.compactMap(\.text) ?? [], parts.first?.text ?? "0-0")
    }

    /// Tells Redis that a living process has these entries and was not ended by them: they look fresh, and count as
    /// delivered once.
    func touch(_ ids: [String], on connection: RedisConnection) throws(RedisError) {
        guard !ids.isEmpty else { return }
        let arguments = [RedisArgument.text(group), .text(consumer)] + ids.map { .text($0) }
        _ = try link.exchange(link.run(.touch, keys: [stream], arguments), on: connection)
    }

    /// Removes other consumers that hold nothing and were silent for so long.
    func sweep(idleMilliseconds: Int, on connection: RedisConnection) throws(RedisError) {
        let arguments: [RedisArgument] = [.text(group), .text(consumer), .number(Int64(idleMilliseconds))]
        let deleted = try link.exchange(link.run(.sweepConsumers, keys: [stream], arguments), on: connection)
        if let count = deleted.integer, count > 0 {
            link.logger.info("Removed consumers that were silent for long", ["group": group, "count": count])
        }
    }

    private var readOne: [RedisArgument] { ["XREADGROUP", "GROUP", .text(group), .text(consumer), "COUNT", "1"] }

    /// The entry of a reply of XREADGROUP: none, or `[[stream, [entry]]]`.
    private static func delivery(_ reply: RedisReply) -> Delivery? {
        (reply.elements.first?.elements.last?.elements.first).flatMap(StreamEntry.parse)
    }
}
