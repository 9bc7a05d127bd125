public import EventContract

/// Where documents end: it takes batches and says of each document whether it is stored.
///
/// A sink holds a bounded number of batches and works only inside ``collect(milliseconds:wakingOn:)``, so one loop on
/// one thread drives it. It never gives up on a batch: while the store is away it keeps the batch and reports why in
/// ``health``. `ServiceTesting` has the conformance suite that every sink must pass.
public protocol Sink: AnyObject {
    /// How many more batches it takes now. A caller must not submit more.
    var capacity: Int { get }

    /// How many batches it holds.
    var inFlightCount: Int { get }

    /// Whether the store is being reached, as far as the sink knows.
    var health: SinkHealth { get }

    /// Takes a batch. A later ``collect(milliseconds:wakingOn:)`` reports its outcome, in any order.
    ///
    /// - Parameters:
    ///   - ticket: the caller's name for the batch, given back in the report.
    ///   - uncertainSince: documents of it may be in the store from before: they were sent, if at all, before this time
    ///     of the monotonic clock, in nanoseconds. nil when they cannot have been sent.
    func submit(_ batch: DocumentBatch, ticket: UInt64, uncertainSince: Int64?)

    /// Works for up to `milliseconds`; returns earlier when a batch is finished, when one of `descriptors` has something
    /// to read, and whenever the sink sees fit.
    ///
    /// - Throws: errors that retrying cannot fix and that a person has to decide about, such as a store that a newer version has
    ///   written.
    func collect(milliseconds: Int, wakingOn descriptors: [Int32]) throws -> [BatchReport]
}

/// Whether a sink reaches its store.
public enum SinkHealth: Equatable, Sendable {
    /// The store has not been reached yet, and nothing has failed either.
    case starting
    /// Documents are being taken.
    case ready
    /// Batches are kept and tried again; the reason is a text for an operator.
    case waiting(reason: String)
}

/// What became of a batch: every document is in the store, or was rejected for good.
public struct BatchReport: Equatable, Sendable {
    /// The caller's name for the batch.
    public let ticket: UInt64
    /// Documents that this delivery put into the store.
    public let storedCount: Int
    /// Documents that were there before.
    public let alreadyThereCount: Int
    /// Documents that can never be stored.
    public let rejections: [Delivery.Rejection]

    /// The end of the batch that was submitted as `ticket`.
    public init(ticket: UInt64, storedCount: Int, alreadyThereCount: Int, rejections: [Delivery.Rejection]) {
        self.ticket = ticket
        self.storedCount = storedCount
        self.alreadyThereCount = alreadyThereCount
        self.rejections = rejections
    }
}
