import EventContract

/// What a consumer writes in the transaction that acknowledges an entry.
struct EntryCommit {
    /// The payload of the entry to write to the output stream.
    var output: [UInt8]?
    var letters: [DeadLetter] = []
    var totals: [(counter: StageCounter, amount: Int)] = []
    var latest: StreamConsumer.Latest?
    /// Whether the only letter is about the entry itself, whose bytes Redis puts into it.
    var buriesEntry = false

    /// What it takes in memory, as far as that can be much.
    var bytes: Int { (output?.count ?? 0) + letters.reduce(0) { $0 + $1.bytes.count } }
}

extension StreamConsumer {
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
}

extension RedisLink {
    /// Sends the transaction.
    /// - Parameters:
    ///   - id: the entry, which is acknowledged.
    ///   - member: who holds it.
    ///   - output: the key of the stream for what was made of it, if there is one.
    func send(
        _ commit: EntryCommit, of id: String, by member: GroupMember, to output: String?, keys: StreamKeys,
        on connection: RedisConnection, then completion: @escaping (RedisReply) -> Void
    ) {
        var arguments: [RedisArgument] = [
            .text(member.group), .text(member.consumer), .text(id),
            commit.buriesEntry ? "bury" : commit.output == nil ? "none" : "written",
            .text(commit.latest?.field ?? ""), .bytes(commit.latest?.text ?? []),
        ]
        arguments.append(totals: commit.totals, letters: commit.letters, options: options)
        let output = output ?? member.stream
        var names = [member.stream, keys.totals(member.group), keys.dead, keys.totals(Stage.deadLetters), output]
        if let latest = commit.latest { names.append(latest.hash) }
        sendCommit(
            commit.output == nil ? .entryAcknowledge : .entryCommit, keys: names, arguments,
            writing: commit.output.map { (stream: output, payload: $0) }, on: connection, then: completion)
    }
}
