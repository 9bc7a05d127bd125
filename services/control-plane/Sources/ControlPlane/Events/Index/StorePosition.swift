import EventStore

/// A place in the order of storing: an event that was seen.
struct StorePosition: Sendable, Equatable {
    /// Its number; 0 before the first.
    var sequence: Int64 = 0
    /// Its id, by which a store is told from another one.
    var id = ""

    /// Whether the event was one of this store's, as far as that can be told: it gives no number twice, but a new store
    /// counts from the start again.
    ///
    /// - Throws: what the store throws.
    func isOf(_ store: EventStoreReader) throws -> Bool {
        guard try store.lastSequence() >= sequence else { return false }
        var isSame = true
        try store.visit(sequence...sequence, newestFirst: true) { event in
            isSame = event.id == id
            return false
        }
        return isSame
    }
}
