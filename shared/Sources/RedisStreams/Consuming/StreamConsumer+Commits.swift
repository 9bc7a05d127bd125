import EventContract

/// How what was made of entries comes home.
extension StreamConsumer {
    func sendCommits(on connection: RedisConnection) {
        for id in unsent {
            guard let commit = held[id]?.commit else { continue }
            held[id]?.isSent = true
            var arguments: [RedisArgument] = [
                .text(group), .text(consumer), .text(id),
                commit.buriesEntry ? "bury" : commit.output == nil ? "none" : "written",
                .text(commit.latest?.field ?? ""), .bytes(commit.latest?.text ?? []),
            ]
            arguments.append(totals: commit.totals, letters: commit.letters, options: link.options)
            let script: RedisScript = commit.output == nil ? .entryAcknowledge : .entryCommit
            var names = [stream, keys.totals(group), keys.dead, keys.totals(Stage.deadLetters), output ?? stream]
            if let latest = commit.latest { names.append(latest.hash) }
            let entry = commit.output.map { (stream: output ?? stream, payload: $0) }
            link.sendCommit(script, keys: names, arguments, writing: entry, on: connection) { [weak self] reply in
                self?.settleCommit(of: id, reply)
            }
        }
        unsent.removeAll(keepingCapacity: true)
    }

    private func settleCommit(of id: String, _ reply: RedisReply) {
        guard case .error(let error) = reply else {
            link.succeeded(.stored)
            link.settleLetters(held[id]?.commit?.letters ?? [], reply)
            if reply.integer == 0 { entriesLost += 1 }
            held[id] = nil
            return
        }
        if error.reaction == .recreateGroup {
            // Without its group the entry is nobody's; it is read again from the start of the stream.
            hasGroup = false
            entriesLost += 1
            held[id] = nil
            return
        }
        held[id]?.isSent = false
        unsent.append(id)
        fatal = link.reportReply(error) ?? fatal
    }
}
