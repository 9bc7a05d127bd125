import Logging
import OpenSearch
import OpenSearchBulk
import Pipeline

/// Tells a refusal that is about one document from one that is about the store.
///
/// A closed index, a pipeline that does not exist or a mapping of somebody else's is told with each document, as one bad
/// document is. What tells them apart is the company: a document is at fault when the store takes another one for the
/// same index, in the same answer or between two refusals. Until then the refusal is the store's, and the document waits.
/// One that a person has put back from the dead letters has been judged before, and goes there again without company.
struct RefusalJudge {
    private let logger: Logger
    /// When the store last said of a document that it has it. Kept only while documents are refused.
    private var takenAt: [BulkAction.Destination: Int64] = [:]

    /// No store takes so little that a document of fewer bytes would be too large for it.
    private static let requestBytesMin = 64 << 10

    /// Nothing is refused.
    init(logger: Logger) {
        self.logger = logger
    }

    /// Judges what the store says of the documents of a part. To be sent again are those that it may take with their event
    /// unindexed, and those that wait for the store.
    ///
    /// - Parameters:
    ///   - outcomes: the outcome of each document of the part.
    ///   - othersAreRefused: whether documents of other batches are.
    ///   - now: the monotonic time, in nanoseconds.
    /// - Returns: what is wrong with the store, if documents wait for that.
    mutating func judge(
        _ outcomes: inout [ItemOutcome], of part: Delivery.Part, in held: inout HeldBatch, othersAreRefused: Bool,
        now: Int64
    ) -> String? {
        takeNote(of: outcomes, of: part, in: &held, othersAreRefused: othersAreRefused, now: now)
        leaveEventsUnindexed(&outcomes, of: part, in: &held)
        return makeWait(&outcomes, of: part, in: &held)
    }

    /// Judges the refusal of a whole request.
    ///
    /// - Returns: whether documents of it are the cause, as far as is known; else it is the store.
    func isCausedByDocuments(of part: Delivery.Part, in held: inout HeldBatch, isTooLarge: Bool, now: Int64) -> Bool {
        let wasRefused = part.items.allSatisfy { held.refusedAt[$0] != nil }
        for item in part.items { held.refusedAt[item] = held.refusedAt[item] ?? now }
        let since = part.items.compactMap { held.refusedAt[$0] }.max() ?? now
        let bytes = part.items.reduce(0) { $0 + held.batch.document(at: $1).range.count }
        return held.isReplay || takenAt.values.contains { $0 >= since } || isTooLarge && bytes >= Self.requestBytesMin
            || part.items.count > 1 && !wasRefused
    }

    /// Keeps when a document was first refused, and which indexes take documents, as long as any are refused.
    private mutating func takeNote(
        of outcomes: [ItemOutcome], of part: Delivery.Part, in held: inout HeldBatch, othersAreRefused: Bool, now: Int64
    ) {
        for (outcome, item) in zip(outcomes, part.items) {
            if case .rejected = outcome { held.refusedAt[item] = held.refusedAt[item] ?? now }
        }
        guard othersAreRefused || !held.refusedAt.isEmpty else { return takenAt.removeAll() }
        for (outcome, item) in zip(outcomes, part.items) where outcome == .stored || outcome == .alreadyThere {
            takenAt[held.destination(of: item)] = now
            held.refusedAt[item] = nil
        }
    }

    /// Documents that may be taken when their event is not indexed are sent once more, so.
    private func leaveEventsUnindexed(
        _ outcomes: inout [ItemOutcome], of part: Delivery.Part, in held: inout HeldBatch
    ) {
        for (index, item) in zip(outcomes.indices, part.items) where held.unindexed[item] == nil {
            guard case .rejected(let type, let reason) = outcomes[index],
                UnindexedEvent.isPossibleCause(ofRefusal: reason),
                let offset = held.withBytes(of: item, UnindexedEvent.offset(in:))
            else { continue }
            held.unindexed[item] = offset
            logger.debug(
                "A document is sent again with its event unindexed",
                ["id": held.batch.document(at: item).id, "reason": "\(type): \(reason)"])
            outcomes[index] = .retry(reason: "\(type): \(reason)")
        }
    }

    /// Documents wait that are refused without the company of one that is taken.
    private func makeWait(
        _ outcomes: inout [ItemOutcome], of part: Delivery.Part, in held: inout HeldBatch
    ) -> String? {
        var trouble: String?
        for (index, item) in zip(outcomes.indices, part.items) {
            guard case .rejected(let type, let reason) = outcomes[index], let since = held.refusedAt[item] else {
                continue
            }
            let isOwn = OpenSearchError.isAboutSize(reason) || !held.isObject(item) || held.isReplay
            if isOwn || takenAt[held.destination(of: item)].map({ $0 >= since }) ?? false {
                held.refusedAt[item] = nil
                continue
            }
            // Once it is taken, it is to be taken whole.
            held.unindexed[item] = nil
            outcomes[index] = .retry(reason: "\(type): \(reason)")
            trouble = trouble ?? OpenSearchError.refusesAll(type: type, reason: reason)
        }
        return trouble
    }
}
