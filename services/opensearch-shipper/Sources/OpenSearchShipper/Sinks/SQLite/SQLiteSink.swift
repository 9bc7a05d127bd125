import EventContract
import EventStore
import Lifecycle
import Logging
import Pipeline
import SQLite
import Settings

/// Puts documents into a SQLite file, one transaction for a batch.
final class SQLiteSink: Sink {
    private let settings: SQLiteSettings
    private let logger: Logger
    private let metrics: ShipperMetrics
    /// Open while it works; after an error it is opened anew, as whatever was wrong may have changed the file.
    private var store: EventStoreWriter?
    private var availability: Availability
    private var retention: EventStoreRetention
    private var held: [(ticket: UInt64, batch: DocumentBatch)] = []

    /// One batch is being written while the next one waits: more would not be faster, as SQLite has one writer.
    private static let batchesMax = 2

    init(_ settings: SQLiteSettings, backoff: Backoff, logger: Logger, metrics: ShipperMetrics) {
        self.settings = settings
        self.logger = logger
        self.metrics = metrics
        availability = Availability(backoff: backoff, requestsInFlightMax: 1)
        retention = EventStoreRetention(
            bytesMax: settings.bytesMax > 0 ? Int64(settings.bytesMax) : nil,
            ageMaxDays: settings.deleteAfterDays > 0 ? Int64(settings.deleteAfterDays) : nil)
    }

    var capacity: Int { Self.batchesMax - held.count }

    var inFlightCount: Int { held.count }

    var health: SinkHealth {
        if let trouble = availability.trouble { return .waiting(reason: trouble) }
        return store == nil ? .starting : .ready
    }

    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?) {
        precondition(capacity > 0, "no more batches than the sink has capacity for")
        held.append((ticket, batch))
    }

    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) throws -> [BatchReport] {
        let now = MonotonicClock.nanoseconds()
        let isDue = store?.hasObsoleteIndex ?? true || !held.isEmpty || retention.isDue(at: now)
        if isDue, availability.requestsInFlightLimit(at: now) > 0 {
            do {
                let store = try openStore()
                if store.hasObsoleteIndex { try removeObsoleteIndex(from: store) }
                if retention.isDue(at: now) { try removeOldEvents(from: store, at: now) }
                guard let next = held.first else {
                    availability.succeeded(sentAt: now)
                    return []
                }
                let report = try write(next.batch, ticket: next.ticket, into: store)
                held.removeFirst()
                return [report]
            } catch let error as SQLiteError {
                store = nil
                metrics.requestsFailed.add()
                availability.failed(reason: "\(settings.path): \(error)", now: now, sentAt: now)
            }
        }
        wait(milliseconds: milliseconds, descriptors: descriptors)
        return []
    }

    private func openStore() throws -> EventStoreWriter {
        if let store, store.isInPlace { return store }
        store = nil
        let opened = try EventStoreWriter(
            path: settings.path, busyTimeoutMilliseconds: settings.busyTimeoutMilliseconds)
        store = opened
        if opened.wasUpgraded {
            logger.notice(
                "The store was made by an older version and is now of this one; an older version will refuse it",
                ["path": settings.path, "schema": EventStoreSchema.version])
        }
        return opened
    }

    /// One before each batch: after an upgrade it may take seconds.
    private func removeObsoleteIndex(from store: EventStoreWriter) throws {
        try store.removeObsoleteIndex()
        if !store.hasObsoleteIndex {
            logger.notice("The store's old indexes are removed", ["path": settings.path])
        }
    }

    private func write(_ batch: DocumentBatch, ticket: UInt64, into store: EventStoreWriter) throws -> BatchReport {
        let start = MonotonicClock.nanoseconds()
        metrics.requests.add()
        metrics.requestBytes.add(UInt64(batch.header.bodyBytes))
        let outcomes = try store.store(batch)
        metrics.requestSeconds.observe(Double(MonotonicClock.nanoseconds() - start) / 1e9)
        availability.succeeded(sentAt: start)
        // The same account as for a store that needs several attempts; this one judges everything in the first.
        var delivery = Delivery(itemCount: batch.count)
        if let part = delivery.takePart(at: 0) { delivery.settle(part, outcomes: outcomes, retryAt: 0) }
        return BatchReport(
            ticket: ticket, storedCount: delivery.storedCount, alreadyThereCount: delivery.alreadyThereCount,
            rejections: delivery.rejections)
    }

    private func removeOldEvents(from store: EventStoreWriter, at now: Int64) throws {
        let count = try store.remove(
            before: retention.oldestTime(at: WallClock.nanoseconds()), bytesMax: retention.bytesMax,
            countMax: EventStoreRetention.stepEventCount(batchCount: held.first?.batch.count ?? 0))
        metrics.deleted.add(UInt64(count))
        retention.looked(removedCount: count, at: now)
    }

    /// Until the next attempt is due, `milliseconds` have passed, or a descriptor has something to read.
    private func wait(milliseconds: Int, descriptors: [Int32]) {
        var timeout = max(0, milliseconds)
        if availability.trouble != nil {
            timeout = min(timeout, Deadline(nanoseconds: availability.nextAttemptAt).remainingMilliseconds)
        }
        Pause.milliseconds(timeout, wakingOn: descriptors)
    }
}
