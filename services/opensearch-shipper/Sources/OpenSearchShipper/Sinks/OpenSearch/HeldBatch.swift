import EventContract
import JSON
import OpenSearchBulk
import Pipeline

/// A batch that is not finished: the way of its documents into the store, and what is known of those that were refused.
struct HeldBatch {
    let ticket: UInt64
    let batch: DocumentBatch
    /// Names the index of each document, by the days that got one of their own when the batch came.
    let action: BulkAction
    /// The class of each document; empty without classes.
    let classes: [EventClass]
    var delivery: Delivery
    /// Documents that were refused with their event, and where ``UnindexedEvent`` changes them.
    var unindexed: [Int: Int] = [:]
    /// When a document was first refused, in monotonic nanoseconds.
    var refusedAt: [Int: Int64] = [:]

    /// Whether a person has put it back from the dead letters.
    var isReplay: Bool { batch.header.identity.isDeadLetter }

    /// Where a document goes.
    func destination(of item: Int) -> BulkAction.Destination {
        action.destination(
            time: batch.document(at: item).time, eventClass: classes.isEmpty ? .telemetry : classes[item])
    }

    /// The times of the documents that go into no index of their own day, in nanoseconds since the epoch.
    var outsideTimes: [Int64] {
        (0..<batch.count).lazy.map { batch.document(at: $0).time }.filter {
            action.destination(time: $0) == .outside(.telemetry)
        }
    }

    /// The class of each document of a batch.
    static func classes(of batch: DocumentBatch) -> [EventClass] {
        var tree = JSONTree(limits: JSONTree.Limits(depth: 1_000))
        return batch.withBytes { bytes in
            (0..<batch.count).map { item in
                let document = UnsafeRawBufferPointer(rebasing: bytes[batch.document(at: item).range])
                return EventClass(of: try? tree.parse(document))
            }
        }
    }

    /// Whether a document is JSON at all; what is not, no store takes.
    func isObject(_ item: Int) -> Bool {
        var tree = JSONTree(limits: JSONTree.Limits(depth: 1_000))
        return withBytes(of: item) { (try? tree.parse($0))?.kind == .object }
    }

    /// Lends the bytes of a document.
    func withBytes<Result>(of item: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let range = batch.document(at: item).range
        return batch.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// The end of the batch.
    var report: BatchReport {
        BatchReport(
            ticket: ticket, storedCount: delivery.storedCount, alreadyThereCount: delivery.alreadyThereCount,
            rejections: delivery.rejections)
    }
}
