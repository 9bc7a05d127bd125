import EventContract
public import Lifecycle
public import Pipeline
public import RedisStreams

/// The flow: batches of documents from their stream into the sink, and then their acknowledgement.
///
/// A batch is asked for only when the sink can take one. It is acknowledged when every document of it has ended; those
/// that can never be stored go into the dead letters by the same transaction. So whatever is killed, at whatever point,
/// a batch that was not acknowledged comes again, and its documents have the ids that they had.
public final class Shipper: Service {
    /// How long a stop waits for the sink, in milliseconds; what is not stored by then comes again after the start.
    public static let drainMilliseconds = 4_000

    /// A batch that the sink has.
    private struct Shipment {
        let entryID: String
        let batch: DocumentBatch
    }

    private let consumer: StreamConsumer
    private let trimmer: StreamTrimmer
    private let groupWatch: GroupWatch?
    private let sink: any Sink
    private let name: String
    private let batchesInFlight: Int
    private let blockMilliseconds: Int
    private let clockToleranceNanoseconds: Int64
    private let heartbeat: Heartbeat
    private let sinkWatch: SinkWatch
    private let storeReport: EventStoreReport?
    private let metrics: ShipperMetrics
    private var shipments: [UInt64: Shipment] = [:]
    private var lastTicket: UInt64 = 0

    /// How long to look away from the stream while requests travel and the sink has room, in milliseconds.
    private static let streamLookMilliseconds = 10

    /// - Parameters:
    ///   - name: the service, as dead letters name it.
    ///   - consumer: where batches come from and acknowledgements go.
    ///   - trimmer: removes from the stream what every required group has acknowledged.
    ///   - groupWatch: reports which group keeps entries in the stream.
    ///   - sink: where documents go.
    ///   - sinkWatch: reports the state of the sink.
    ///   - storeReport: tells how large the store is, where only this process sees it.
    ///   - batchesInFlight: the most batches that are taken from the stream and not acknowledged.
    ///   - blockMilliseconds: the longest wait for the next batch, and so between two signs of life.
    ///   - clockToleranceMilliseconds: how far apart the clocks of this machine and of a sensor may be, and how far out of
    ///     order the events of a batch.
    ///   - heartbeat: beats in every round of the loop.
    ///   - metrics: what is counted.
    public init(
        name: String = "opensearch-shipper", consumer: StreamConsumer, trimmer: StreamTrimmer,
        groupWatch: GroupWatch? = nil, sink: any Sink, sinkWatch: SinkWatch, storeReport: EventStoreReport? = nil,
        batchesInFlight: Int = 8, blockMilliseconds: Int = 1_000,
        clockToleranceMilliseconds: Int = 10_000, heartbeat: Heartbeat, metrics: ShipperMetrics
    ) {
        self.name = name
        self.consumer = consumer
        self.trimmer = trimmer
        self.groupWatch = groupWatch
        self.sink = sink
        self.sinkWatch = sinkWatch
        self.storeReport = storeReport
        self.batchesInFlight = batchesInFlight
        self.blockMilliseconds = blockMilliseconds
        clockToleranceNanoseconds = .nanoseconds(ofMilliseconds: clockToleranceMilliseconds)
        self.heartbeat = heartbeat
        self.metrics = metrics
    }

    /// Ships until it is asked to stop, and then finishes what is in flight.
    public func run(until stop: StopSignal) throws {
        while !stop.isStopped {
            heartbeat.beat()
            let tookOne = try takeBatch()
            try storeBatches(milliseconds: tookOne ? 0 : waitMilliseconds, wakingOn: [stop.fileDescriptor])
            try trimmer.trim()
            groupWatch?.observe(trimmer.holder)
            storeReport?.tell()
        }
        try drain()
    }

    /// Asks the stream for a batch if the sink has room; waits for one only when there is nothing else to do.
    ///
    /// One at a time, so that the first is on its way before the next is decompressed, and few lie in memory twice.
    /// - Returns: whether the sink got one.
    private func takeBatch() throws -> Bool {
        // A batch that waits for a sink to start would count as tried if the process ended before that.
        let hasRoom = sink.health != .starting && sink.capacity > 0 && shipments.count < batchesInFlight
        let entry = try consumer.next(blockMilliseconds: isIdle ? blockMilliseconds : 0, isTaking: hasRoom)
        if let entry, let batch = try consumer.documentBatch(of: entry) {
            lastTicket += 1
            shipments[lastTicket] = Shipment(entryID: entry.id, batch: batch)
            metrics.batchDocuments.observe(Double(batch.count))
            sink.submit(batch, ticket: lastTicket, uncertainSince: uncertainSince(entry, batch))
        }
        metrics.inFlight.set(Double(shipments.count))
        return entry != nil
    }

    /// Since when documents of a batch may be in the store; nil when nobody can have sent them before.
    ///
    /// What was delivered before may have been sent before. So may any event from before this connection to Redis: a
    /// Redis that was killed has forgotten its last second, and what was acknowledged in it comes again by new entries.
    /// An event from the future says that a clock is wrong, and nothing else.
    private func uncertainSince(_ entry: StreamEntry, _ batch: DocumentBatch) -> Int64? {
        let (now, wallTime) = (MonotonicClock.nanoseconds(), WallClock.nanoseconds())
        if entry.isRedelivered { return now }
        // By the clock as it is now: at the time of the connection it may not have been set yet.
        let began = wallTime - (now - consumer.readingSince)
        let times = [batch.header.firstTime, batch.header.lastTime]
        let isNew = times.allSatisfy {
            $0 > began + clockToleranceNanoseconds && $0 < wallTime + clockToleranceNanoseconds
        }
        return isNew ? nil : consumer.readingSince
    }

    /// Whether only the stream can give something to do.
    private var isIdle: Bool { sink.inFlightCount == 0 && sink.health == .ready }

    /// How long the sink may work before the stream is looked at: not at all when idle, as the stream was just waited
    /// for; for long when only the sink can go on, because it is full or its store is away.
    private var waitMilliseconds: Int {
        if isIdle { return 0 }
        return sink.capacity == 0 || sink.health != .ready ? blockMilliseconds : Self.streamLookMilliseconds
    }

    private func storeBatches(milliseconds: Int, wakingOn descriptors: [Int32]) throws {
        let reports = try sink.collect(milliseconds: milliseconds, wakingOn: descriptors)
        sinkWatch.observe(sink.health)
        for report in reports { acknowledge(report) }
    }

    private func acknowledge(_ report: BatchReport) {
        guard let shipment = shipments.removeValue(forKey: report.ticket) else { return }
        let storedCount = report.storedCount + report.alreadyThereCount
        let (header, now) = (shipment.batch.header, WallClock.nanoseconds())
        let age = max(0, now - header.readTime)
        consumer.commit(
            shipment.entryID, dead: letters(report, shipment),
            totals: [(.stored, storedCount), (.rejected, report.rejections.count)]
                + LatencyBuckets.totals(milliseconds: age / 1_000_000, count: shipment.batch.count)
                + (storedCount > 0 ? Canary.totals(of: header, time: now) : []))

        metrics.batches.add()
        metrics.stored.add(UInt64(report.storedCount))
        metrics.alreadyThere.add(UInt64(report.alreadyThereCount))
        for rejection in report.rejections { metrics.countRejected(type: rejection.type) }
        metrics.endToEndSeconds.observe(Double(age) / 1e9)
    }

    private func letters(_ report: BatchReport, _ shipment: Shipment) -> [DeadLetter] {
        let header = shipment.batch.header
        var dead = DeadLetters()
        for rejection in report.rejections {
            let document = shipment.batch.document(at: rejection.item)
            shipment.batch.withBytes { bytes in
                dead.append(
                    DeadLetter(
                        reason: "\(rejection.type): \(rejection.reason)",
                        origin: .init(
                            service: name, sensor: header.sensor, sourcePath: header.sourcePath,
                            documentID: document.id.description, entryID: shipment.entryID),
                        attempt: rejection.attempt, time: WallClock.nanoseconds(),
                        bytes: UnsafeRawBufferPointer(rebasing: bytes[document.range])))
            }
        }
        return dead.letters
    }

    /// Takes no more, and waits for what is in flight as long as the sink gets on with it.
    private func drain() throws {
        let deadline = Deadline.milliseconds(Self.drainMilliseconds)
        while sink.inFlightCount > 0, sink.health == .ready, !deadline.hasPassed {
            heartbeat.beat()
            try storeBatches(milliseconds: Self.streamLookMilliseconds, wakingOn: [])
        }
        _ = try consumer.drain(milliseconds: Self.drainMilliseconds)
    }
}
