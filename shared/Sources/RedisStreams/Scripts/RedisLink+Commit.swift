import EventContract

extension RedisLink {
    /// Sends a commit: the script alone, or behind the entry that it stands for, as one transaction of Redis.
    ///
    /// The script goes by its text there: one that Redis does not know by its hash would leave the entry unchecked.
    func sendCommit(
        _ script: RedisScript, keys: [String], _ arguments: [RedisArgument],
        writing entry: (stream: String, payload: [UInt8])?, on connection: RedisConnection,
        then completion: @escaping (RedisReply) -> Void
    ) {
        let timeout = options.commandTimeoutMilliseconds
        guard let entry else {
            return connection.send(
                run(script, keys: keys, arguments), timeoutMilliseconds: timeout, then: completion)
        }
        var command = run(script, keys: keys, arguments)
        command.replaceSubrange(0...1, with: ["EVAL", .text(script.source)])
        let write: [RedisArgument] = [
            "XADD", .text(entry.stream), "*", .text(StreamKeys.payloadField), .bytes(entry.payload),
        ]
        connection.sendTransaction([write, command], timeoutMilliseconds: timeout) { reply in
            if case .error = reply { return completion(reply) }
            let absent = RedisError(.protocolViolation, "EXEC gave no reply to the script")
            completion(reply.elements.last ?? .error(absent))
        }
    }
}
