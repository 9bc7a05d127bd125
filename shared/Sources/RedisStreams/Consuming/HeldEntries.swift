import EventContract

/// The entries that a consumer was given and whose commits Redis has not confirmed: a state machine without input and
/// output.
final class HeldEntries {
    private struct Held {
        var commit: EntryCommit?
        /// What it takes: the entry and its body, then what was made of it.
        var bytes: Int
        /// Whether nothing may be taken beside it, because an earlier delivery of it was never finished.
        var isAlone: Bool
        /// Whether Redis counts this delivery as one that may end its holder.
        var isCharged: Bool
        /// How often it was kept from being claimed since.
        var touches = 0

        /// Whether it has been held for so long that it cannot be what ended an earlier holder: it waits for a store, which
        /// may need to see others before it goes on.
        var isWaiting: Bool { touches >= 2 && commit == nil }
    }

    private let limits: StreamConsumer.Options
    private var entries: [String: Held] = [:]
    /// The entries with commits that are to be sent, in the order in which they were given.
    private var unsent: [String] = []

    init(limits: StreamConsumer.Options) {
        self.limits = limits
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    var ids: [String] { Array(entries.keys) }
    var bytes: Int { entries.values.reduce(0) { $0 + $1.bytes } }
    /// How many have a commit.
    var commitsUnconfirmed: Int { entries.values.lazy.filter { $0.commit != nil }.count }
    /// How many commits are under way.
    var commitsInFlight: Int { commitsUnconfirmed - unsent.count }
    /// Whether no commit is to be sent.
    var isAllSent: Bool { unsent.isEmpty }

    /// Whether one more entry may be taken. How large it is is not known before it is here.
    var hasRoom: Bool {
        count < limits.entriesHeldMax && bytes < limits.bytesHeldMax
            && !entries.values.contains { $0.isAlone && !$0.isWaiting }
    }

    /// Whether there is nothing beside which an entry may not be taken that was delivered before.
    var areAllWaiting: Bool { entries.values.allSatisfy(\.isWaiting) }

    /// Those that have been held for a round, and so have not ended their holder.
    var survivors: [String] { entries.filter { $0.value.isCharged && $0.value.commit == nil }.map(\.key) }

    func contains(_ id: String) -> Bool { entries[id] != nil }

    /// Takes an entry.
    /// - Parameter isRedelivered: whether an earlier delivery of it was never finished.
    func hold(_ id: String, bytes: Int = 0, isRedelivered: Bool = false) {
        entries[id] = Held(bytes: bytes, isAlone: isRedelivered, isCharged: isRedelivered)
    }

    /// Takes an entry that is not given out any more.
    func holdAlone(_ id: String) {
        entries[id] = Held(bytes: 0, isAlone: true, isCharged: false)
    }

    /// Takes what was made of an entry.
    /// - Returns: false when the entry is not held, or has a commit already.
    func commit(_ id: String, _ commit: EntryCommit) -> Bool {
        guard let held = entries[id], held.commit == nil else { return false }
        entries[id]?.bytes = commit.bytes
        entries[id]?.commit = commit
        unsent.append(id)
        return true
    }

    /// The commits that are to be sent; they count as sent from now on.
    func takeUnsent() -> [(id: String, commit: EntryCommit)] {
        defer { unsent.removeAll(keepingCapacity: true) }
        return unsent.compactMap { id in entries[id]?.commit.map { (id, $0) } }
    }

    /// The commit of an entry failed and is to be sent again.
    func sendAgain(_ id: String) {
        unsent.append(id)
    }

    /// Lets go of an entry.
    /// - Returns: its commit.
    @discardableResult
    func release(_ id: String) -> EntryCommit? { entries.removeValue(forKey: id)?.commit }

    /// Redis counts these as delivered for the first time again.
    func uncharge(_ ids: [String]) {
        for id in ids { entries[id]?.isCharged = false }
    }

    /// All of them were kept from being claimed.
    func noteTouch() {
        for id in entries.keys { entries[id]?.touches += 1 }
    }
}
