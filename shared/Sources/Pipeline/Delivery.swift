/// The way of one batch into a store that judges document by document: which documents are still open, in which
/// requests they travel, and how often each has been tried.
///
/// A pure state machine: its owner takes a part, sends it, and reports the outcome. Whatever happens, each document
/// ends in exactly one of three ways (stored, already there, rejected), and one that has ended is never in a part
/// again.
public struct Delivery: Sendable {
    /// Documents that travel in one request.
    public struct Part: Equatable, Sendable {
        /// Their positions in the batch, rising.
        public let items: [Int]
        /// Which attempt this is for these documents; 1 is the first.
        public let attempt: Int
        /// Not to be sent before this time of the monotonic clock, in nanoseconds.
        public let notBefore: Int64
        /// Documents of it may be in the store, by an attempt that was given up at this time (monotonic nanoseconds); nil
        /// when none can be. For stores that do not recognise a document that comes again.
        public let uncertainSince: Int64?
    }

    /// A document that the store will never take.
    public struct Rejection: Equatable, Sendable {
        /// Its position in the batch.
        public let item: Int
        /// Short name of the kind of refusal.
        public let type: String
        /// The store's own words.
        public let reason: String
        /// In which attempt it was refused.
        public let attempt: Int

        /// A refusal of the document at position `item`.
        public init(item: Int, type: String, reason: String, attempt: Int) {
            self.item = item
            self.type = type
            self.reason = reason
            self.attempt = attempt
        }
    }

    private var waiting: [Part] = []
    private var partsInFlight = 0
    /// Documents that are in the store by this delivery.
    public private(set) var storedCount = 0
    /// Documents that were in the store before.
    public private(set) var alreadyThereCount = 0
    /// Documents that the store refused for good.
    public private(set) var rejections: [Rejection] = []

    /// A batch that travels in one request.
    ///
    /// - Parameter uncertainSince: see ``Part/uncertainSince``.
    public init(itemCount: Int, uncertainSince: Int64? = nil) {
        guard itemCount > 0 else { return }
        waiting = [Part(items: Array(0..<itemCount), attempt: 1, notBefore: 0, uncertainSince: uncertainSince)]
    }

    /// Cuts a batch into parts.
    ///
    /// - Parameters:
    ///   - sizes: what each document adds to a request, in bytes, in the order of the batch.
    ///   - partBytesMax: a part is closed before it would become larger; a document that is larger alone travels alone.
    ///   - partItemsMax: the most documents in a part; at least 1.
    ///   - uncertainSince: see ``Part/uncertainSince``.
    public init(
        sizes: some Sequence<Int>, partBytesMax: Int, partItemsMax: Int = .max, uncertainSince: Int64? = nil
    ) {
        var items: [Int] = []
        var bytes = 0
        var item = 0
        for size in sizes {
            if !items.isEmpty, bytes + size > partBytesMax || items.count >= partItemsMax {
                waiting.append(Part(items: items, attempt: 1, notBefore: 0, uncertainSince: uncertainSince))
                items = []
                bytes = 0
            }
            items.append(item)
            bytes += size
            item += 1
        }
        guard !items.isEmpty else { return }
        waiting.append(Part(items: items, attempt: 1, notBefore: 0, uncertainSince: uncertainSince))
    }

    /// Whether every document has ended.
    public var isComplete: Bool { waiting.isEmpty && partsInFlight == 0 }

    /// When the next part may be sent (monotonic nanoseconds), or nil when none waits.
    public var nextDue: Int64? { waiting.lazy.map(\.notBefore).min() }

    /// Takes a part that may be sent at `now`; it is in flight until one of the functions below is called for it.
    public mutating func takePart(at now: Int64) -> Part? {
        guard let index = waiting.firstIndex(where: { $0.notBefore <= now }) else { return nil }
        partsInFlight += 1
        return waiting.remove(at: index)
    }

    /// The store judged each document of the part. Those to be retried become one part, not before `retryAt`.
    ///
    /// - Parameter outcomes: one for each of `part.items`, in that order.
    public mutating func settle(_ part: Part, outcomes: [ItemOutcome], retryAt: Int64) {
        precondition(outcomes.count == part.items.count, "one outcome for each document of the part")
        end(part)
        var open: [Int] = []
        var isAnyUncertain = false
        for (item, outcome) in zip(part.items, outcomes) {
            switch outcome {
            case .stored: storedCount += 1
            case .alreadyThere: alreadyThereCount += 1
            case .retry(_, let isUncertain):
                open.append(item)
                isAnyUncertain = isAnyUncertain || isUncertain
            case .rejected(let type, let reason):
                rejections.append(Rejection(item: item, type: type, reason: reason, attempt: part.attempt))
            }
        }
        if !open.isEmpty { wait(open, after: part, until: retryAt, isUncertain: isAnyUncertain) }
    }

    /// The store was asked which documents of the part it has: those have ended; the others are certainly not there and
    /// have to be sent.
    ///
    /// - Parameter isThere: whether it has the document at this position of the batch.
    /// - Returns: how many are to be sent.
    @discardableResult
    public mutating func resolve(_ part: Part, isThere: (Int) -> Bool) -> Int {
        end(part)
        let missing = part.items.filter { !isThere($0) }
        alreadyThereCount += part.items.count - missing.count
        if !missing.isEmpty {
            waiting.append(
                Part(items: missing, attempt: part.attempt, notBefore: part.notBefore, uncertainSince: nil))
        }
        return missing.count
    }

    /// Nothing of the part was sent: it waits again as before it was taken.
    public mutating func putBack(_ part: Part) {
        end(part)
        waiting.append(part)
    }

    /// The request failed as a whole, and says nothing about its documents: all of them again, not before `retryAt`.
    ///
    /// - Parameter isUncertain: whether the store may have taken documents of it; if not, that is as it was before.
    public mutating func retry(_ part: Part, at retryAt: Int64, isUncertain: Bool = false) {
        end(part)
        wait(part.items, after: part, until: retryAt, isUncertain: isUncertain)
    }

    /// The request is too large for the store: its halves travel apart, not before `retryAt`. A single document that
    /// is too large is rejected with `type` and `reason`.
    ///
    /// - Parameter isUncertain: as in ``retry(_:at:isUncertain:)``.
    public mutating func halve(
        _ part: Part, at retryAt: Int64, type: String, reason: String, isUncertain: Bool = false
    ) {
        end(part)
        guard part.items.count > 1 else {
            for item in part.items {
                rejections.append(Rejection(item: item, type: type, reason: reason, attempt: part.attempt))
            }
            return
        }
        let middle = part.items.count / 2
        for half in [part.items[..<middle], part.items[middle...]] {
            wait(Array(half), after: part, until: retryAt, isUncertain: isUncertain)
        }
    }

    /// Documents of a part that has ended make another attempt. Until then they stay as uncertain as they were.
    private mutating func wait(_ items: [Int], after part: Part, until retryAt: Int64, isUncertain: Bool) {
        waiting.append(
            Part(
                items: items, attempt: part.attempt + 1, notBefore: retryAt,
                uncertainSince: isUncertain ? retryAt : part.uncertainSince))
    }

    private mutating func end(_ part: Part) {
        precondition(partsInFlight > 0, "a part ends once, after it was taken")
        partsInFlight -= 1
    }
}
