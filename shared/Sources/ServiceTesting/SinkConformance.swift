public import EventContract
import Lifecycle
public import Pipeline

/// What every sink must do, whatever its store is: run each ``Check`` against a real store.
public struct SinkConformance {
    /// One promise of ``Pipeline/Sink``.
    public enum Check: String, CaseIterable, Sendable {
        /// Every document of a batch is in the store, under its id.
        case storesEveryDocument
        /// A batch that comes again is finished, and the store holds each document once.
        case takesADuplicateAsStored
        /// A batch of which a part is in the store already: the rest is added.
        case completesABatchThatIsPartlyThere
        /// The same when the sink is told that it may be there.
        case completesABatchThatMayBeThere
        /// One document that the store cannot take is rejected alone, with a reason and the attempt.
        case rejectsOnlyThePoisonedDocument
        /// While the store is away nothing is reported, lost or rejected; afterwards everything is stored.
        case keepsBatchesWhileTheStoreIsAway
        /// Batches may be submitted up to the capacity, and each is reported once.
        case reportsEachBatchOnce
        /// A batch without documents is finished.
        case finishesAnEmptyBatch
        /// A document of 8 MiB, and one that is 60 levels deep.
        case storesUnusualDocuments
    }

    /// A broken promise.
    public struct PromiseError: Error, CustomStringConvertible {
        /// What was expected and what was seen.
        public let description: String
    }

    private let makeSink: () throws -> any Sink
    private let storedIDs: () throws -> Set<String>
    private let poison: String?
    private let interrupt: () throws -> Void
    private let resume: () throws -> Void

    /// - Parameters:
    ///   - makeSink: a new sink over the same store.
    ///   - storedIDs: the ids of all documents in the store.
    ///   - poison: a document that the store refuses for good; nil if it takes every document.
    ///   - interrupt: takes the store away.
    ///   - resume: gives the store back.
    public init(
        makeSink: @escaping () throws -> any Sink, storedIDs: @escaping () throws -> Set<String>, poison: String?,
        interrupt: @escaping () throws -> Void, resume: @escaping () throws -> Void
    ) {
        self.makeSink = makeSink
        self.storedIDs = storedIDs
        self.poison = poison
        self.interrupt = interrupt
        self.resume = resume
    }

    /// Runs one check.
    ///
    /// - Throws: ``PromiseError``, or what the sink or the store threw.
    public func run(_ check: Check) throws {
        switch check {
        case .storesEveryDocument:
            let batch = try batch(check, count: 500)
            try expect(finish(batch), stored: 500)
            try expectStored(batch.ids)
        case .takesADuplicateAsStored:
            let batch = try batch(check, count: 20)
            try expect(finish(batch), stored: 20)
            try expect(finish(batch), alreadyThere: 20)
            try expectStored(batch.ids)
        case .completesABatchThatIsPartlyThere:
            let whole = try batch(check, count: 20)
            try expect(finish(batch(check, count: 7)), stored: 7)
            try expect(finish(whole), stored: 13, alreadyThere: 7)
            try expectStored(whole.ids)
        case .completesABatchThatMayBeThere:
            let whole = try batch(check, count: 20)
            try expect(finish(batch(check, count: 7), isUncertain: true), stored: 7)
            try expect(finish(whole, isUncertain: true), stored: 13, alreadyThere: 7)
            try expect(finish(whole, isUncertain: true), alreadyThere: 20)
            try expectStored(whole.ids)
        case .rejectsOnlyThePoisonedDocument: try rejectsOnlyThePoisonedDocument()
        case .keepsBatchesWhileTheStoreIsAway: try keepsBatchesWhileTheStoreIsAway()
        case .reportsEachBatchOnce: try reportsEachBatchOnce()
        case .finishesAnEmptyBatch: try expect(finish(batch(check, count: 0)), stored: 0)
        case .storesUnusualDocuments:
            let large = Self.document(1, filler: String(repeating: "x", count: 8 << 20))
            let deep = String(repeating: #"{"a":"#, count: 60) + "1" + String(repeating: "}", count: 60)
            let batch = try DocumentBatch.testing([large, Self.document(2, eve: deep)], sensor: check.rawValue)
            try expect(finish(batch), stored: 2)
            try expectStored(batch.ids)
        }
    }

    private func rejectsOnlyThePoisonedDocument() throws {
        guard let poison else { return }
        let check = Check.rejectsOnlyThePoisonedDocument
        var documents = (0..<9).map { Self.document($0) }
        documents.insert(poison, at: 4)
        let batch = try DocumentBatch.testing(documents, sensor: check.rawValue)
        let report = try finish(batch)
        guard report.storedCount == 9, report.rejections.map(\.item) == [4] else {
            throw PromiseError(description: "expected the fifth of ten documents to be rejected alone, got \(report)")
        }
        guard let rejection = report.rejections.first, !rejection.type.isEmpty, !rejection.reason.isEmpty,
            rejection.attempt >= 1
        else { throw PromiseError(description: "a rejection says why, got \(report.rejections)") }
        try expectStored(batch.ids.enumerated().filter { $0.offset != 4 }.map(\.element))
    }

    private func keepsBatchesWhileTheStoreIsAway() throws {
        let batch = try batch(.keepsBatchesWhileTheStoreIsAway, count: 20)
        try interrupt()
        let sink = try makeSink()
        sink.submit(batch, ticket: 1)
        let deadline = Self.deadline(seconds: 60)
        while sink.health == .starting || sink.health == .ready {
            guard MonotonicClock.nanoseconds() < deadline else {
                throw PromiseError(description: "the sink does not notice that the store is away")
            }
            guard try sink.collect(milliseconds: 20, wakingOn: []).isEmpty else {
                throw PromiseError(description: "a batch is reported while the store is away")
            }
        }
        try resume()
        let report = try reports(of: sink, count: 1)[1]
        try expect(report, stored: 20)
        guard sink.health == .ready, sink.inFlightCount == 0 else {
            throw PromiseError(description: "the sink is \(sink.health) after the store has come back")
        }
        try expectStored(batch.ids)
    }

    private func reportsEachBatchOnce() throws {
        let sink = try makeSink()
        let count = sink.capacity
        for ticket in 0..<count {
            let batch = try DocumentBatch.testing(
                (0..<50).map { Self.document($0) }, sensor: "\(Check.reportsEachBatchOnce.rawValue)-\(ticket)")
            sink.submit(batch, ticket: UInt64(ticket))
        }
        guard sink.capacity == 0, sink.inFlightCount == count else {
            throw PromiseError(
                description: "a full sink has capacity \(sink.capacity) and \(sink.inFlightCount) in flight")
        }
        let reports = try reports(of: sink, count: count)
        for ticket in 0..<count { try expect(reports[UInt64(ticket)], stored: 50) }
        guard sink.capacity == count, try sink.collect(milliseconds: 20, wakingOn: []).isEmpty else {
            throw PromiseError(description: "a batch is reported again, or still held")
        }
    }

    // MARK: - Steps

    private func batch(_ check: Check, count: Int) throws -> DocumentBatch {
        try DocumentBatch.testing((0..<count).map { Self.document($0) }, sensor: check.rawValue)
    }

    /// One batch through a new sink.
    private func finish(_ batch: DocumentBatch, isUncertain: Bool = false) throws -> BatchReport {
        let sink = try makeSink()
        sink.submit(batch, ticket: 7, uncertainSince: isUncertain ? MonotonicClock.nanoseconds() : nil)
        guard let report = try reports(of: sink, count: 1)[7] else {
            throw PromiseError(description: "the report has another ticket than the batch")
        }
        return report
    }

    private func reports(of sink: any Sink, count: Int) throws -> [UInt64: BatchReport] {
        let deadline = Self.deadline(seconds: 60)
        var reports: [UInt64: BatchReport] = [:]
        while reports.count < count {
            guard MonotonicClock.nanoseconds() < deadline else {
                throw PromiseError(
                    description: "\(reports.count) of \(count) batches are finished, the sink is \(sink.health)")
            }
            for report in try sink.collect(milliseconds: 100, wakingOn: []) {
                guard reports.updateValue(report, forKey: report.ticket) == nil else {
                    throw PromiseError(description: "batch \(report.ticket) is reported twice")
                }
            }
        }
        return reports
    }

    private func expect(_ report: BatchReport?, stored: Int = 0, alreadyThere: Int = 0) throws {
        guard let report, report.storedCount == stored, report.alreadyThereCount == alreadyThere,
            report.rejections.isEmpty
        else {
            let seen = report.map { "\($0)" } ?? "no report"
            throw PromiseError(description: "expected \(stored) stored and \(alreadyThere) already there, got \(seen)")
        }
    }

    private func expectStored(_ ids: [String]) throws {
        let missing = Set(ids).subtracting(try storedIDs())
        guard missing.isEmpty else {
            throw PromiseError(description: "\(missing.count) documents are not in the store")
        }
    }

    /// An alert as a transformer writes it.
    public static func document(_ number: Int, eve: String = #"{"event_type":"alert"}"#, filler: String = "") -> String
    {
        """
        {"@timestamp":"2026-02-01T00:00:00.000000Z","event":{"kind":"alert","category":["network"]},\
        "source":{"ip":"192.0.2.\(number % 250)","port":\(number % 65_536)},\
        "destination":{"ip":"2001:db8::\(number % 250)","port":443},"message":"\(filler)",\
        "suricata":{"signature":"TEST \(number % 10)","severity":\(number % 3 + 1),"eve":\(eve)}}
        """
    }

    private static func deadline(seconds: Int64) -> Int64 {
        MonotonicClock.nanoseconds() + seconds * 1_000_000_000
    }
}

extension Sink {
    /// Takes a batch that was never sent before.
    public func submit(_ batch: DocumentBatch, ticket: UInt64) {
        submit(batch, ticket: ticket, uncertainSince: nil)
    }
}
