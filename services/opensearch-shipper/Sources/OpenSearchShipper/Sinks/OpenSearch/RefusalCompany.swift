import OpenSearchBulk
import Pipeline

/// Tells a refusal that is about one document from one that is about the store.
///
/// A closed index, a pipeline that does not exist or a mapping of somebody else's is told with each document, as one bad
/// document is. What tells them apart is the company: a document is at fault when the store takes another one for the
/// same index, in the same answer or between two refusals. Until then the refusal is the store's, and the document waits.
struct RefusalCompany {
    /// When the store last said of a document that it has it. Kept only while documents are refused.
    private var takenAt: [BulkAction.Destination: Int64] = [:]

    /// Nothing is refused any more.
    mutating func forget() { takenAt.removeAll() }

    /// The store has a document that goes there.
    mutating func taken(for destination: BulkAction.Destination, at now: Int64) { takenAt[destination] = now }

    /// Whether it has taken a document for this index since this time, or for any when none is named.
    func hasTaken(since time: Int64, for destination: BulkAction.Destination? = nil) -> Bool {
        guard let destination else { return takenAt.values.contains { $0 >= time } }
        return takenAt[destination].map { $0 >= time } ?? false
    }
}
