public import Metrics
import OpenSearchBulk

/// What the shipper counts. Each metric is looked up once; docs/metrics.md has them all.
public final class ShipperMetrics {
    /// Finished batches: each of their documents was stored, was already there, or was rejected.
    let batches: Counter
    /// Documents in a batch, as they come from the stream.
    let batchDocuments: Histogram
    let stored: Counter
    let alreadyThere: Counter
    let deleted: Counter
    let outside: Counter
    let retried: Counter
    let requests: Counter
    let requestsFailed: Counter
    let requestBytes: Counter
    let requestSeconds: Histogram
    let inFlight: Gauge
    let endToEndSeconds: Histogram
    let clockOffset: Gauge
    let storageIndexesDeleted: [EventClass: Counter]
    let storageUsedRatio: Gauge
    let storageExhausted: Gauge
    private let registry: MetricsRegistry
    private var rejected: [String: Counter] = [:]

    /// Kinds of refusal that get a label of their own; stores have many, and labels must be few.
    private static let rejectionTypesMax = 16

    /// Registers the metrics.
    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        batches = registry.counter("batches_total", help: "Batches that were finished.")
        batchDocuments = registry.histogram(
            "batch_documents", help: "Documents in a batch.",
            buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000])
        stored = registry.counter("documents_stored_total", help: "Documents that were put into the store.")
        alreadyThere = registry.counter(
            "documents_already_there_total", help: "Documents that came again and that the store had already.")
        deleted = registry.counter(
            "documents_deleted_total", help: "Documents that the store was not to keep any longer.")
        outside = registry.counter(
            "documents_outside_total", help: "Documents of days that get no index of their own.")
        retried = registry.counter(
            "documents_retried_total", help: "Documents that had to be sent again, counted each time.")
        requests = registry.counter("requests_total", help: "Requests or transactions that reached the store.")
        requestsFailed = registry.counter(
            "requests_failed_total", help: "Requests or transactions that failed as a whole.")
        requestBytes = registry.counter(
            "request_bytes_total", help: "Bytes of requests (compressed, where they are) or of documents.")
        requestSeconds = registry.histogram(
            "request_duration_seconds", help: "Time from a request or transaction to its answer.")
        inFlight = registry.gauge("batches_in_flight", help: "Batches that were taken and are not finished.")
        clockOffset = registry.gauge(
            "clock_offset_seconds", help: "How far the clock is behind the store's, where requests are signed.")
        storageIndexesDeleted = Dictionary(
            uniqueKeysWithValues: EventClass.allCases.map { eventClass in
                let counter = registry.counter(
                    "storage_indexes_deleted_total",
                    help: "Daily indexes that were deleted because the disk of the store was nearly full.",
                    labels: [("class", eventClass.rawValue)])
                return (eventClass, counter)
            })
        storageUsedRatio = registry.gauge(
            "storage_used_ratio", help: "How full the fullest disk of the store is, 0 to 1, where it is guarded.")
        storageExhausted = registry.gauge(
            "storage_exhausted", help: "1 while the disk of the store is above the mark and nothing may be deleted.")
        endToEndSeconds = registry.histogram(
            "end_to_end_seconds", help: "Time from reading the first line of a batch to its acknowledgement.")
    }

    /// Counts documents that were refused for good.
    func countRejected(type: String) {
        let label = rejected[type] != nil || rejected.count < Self.rejectionTypesMax ? type : "other"
        let counter =
            rejected[label]
            ?? registry.counter(
                "documents_rejected_total", help: "Documents that can never be stored, by reason.",
                labels: [("reason", label)])
        rejected[label] = counter
        counter.add()
    }
}
