/// The checkpoints of one file as they follow each other in Redis, where each replaces the one that it builds on: it knows on
/// which one the next is expected to build.
struct CheckpointChain {
    /// What Redis has confirmed; nil for none.
    private var confirmed: String?
    /// What Redis holds when it has carried out all that was sent; nil for none.
    private(set) var last: String?

    /// A chain that goes on from what Redis holds.
    init(stored: String? = nil) {
        (confirmed, last) = (stored, stored)
    }

    /// Whether Redis has carried out all that was sent.
    var isSettled: Bool { confirmed == last }

    /// Takes note that a checkpoint, or the removal of the last one, is sent.
    /// - Returns: the one that it builds on.
    mutating func append(_ text: String?) -> String? {
        defer { last = text }
        return last
    }

    /// Takes note that Redis holds a checkpoint that was sent, or has removed the last one.
    mutating func confirm(_ text: String?) {
        confirmed = text
    }
}
