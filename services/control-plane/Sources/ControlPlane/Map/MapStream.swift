import EventContract
import Lifecycle
import RedisStreams
import Synchronization

/// Reads batches of documents beside the consumer groups, on a thread of its own.
///
/// What all required groups are done with is trimmed within fractions of a second, and nothing waits for the map. So this
/// thread does nothing but ask for the next batch; whoever works on them takes them from here.
final class MapStream: Sendable {
    /// What may wait to be taken, in bytes; what is more is dropped, and counted.
    private static let waitingBytesMax = 32 << 20
    /// Batches of one answer.
    private static let batchesMax = 4
    private static let blockMilliseconds = 500
    private static let pauseMilliseconds = 250
    /// So often it is looked whether entries were trimmed before they were read, and whether the stream was made anew.
    private static let lookMilliseconds = 1_000

    /// What has come.
    struct Arrivals: Sendable {
        fileprivate(set) var payloads: [[UInt8]] = []
        fileprivate(set) var droppedEvents = 0
        /// Why nothing can come; nil when it can.
        fileprivate(set) var fault: String? = "Redis has not answered yet"
        fileprivate var bytes = 0
    }

    private let key: String
    private let link: @Sendable (StopSignal) -> RedisLink
    private let arrivals = Mutex(Arrivals())
    private let isWanted: @Sendable () -> Bool
    /// Wakes who takes.
    private let wakeUp: WakeUp

    /// - Parameters:
    ///   - key: the name of the stream.
    ///   - link: makes the way to Redis, for this thread.
    ///   - isWanted: whether to read now.
    init(
        _ key: String, wakeUp: WakeUp, isWanted: @escaping @Sendable () -> Bool,
        link: @escaping @Sendable (StopSignal) -> RedisLink
    ) {
        (self.key, self.wakeUp, self.isWanted, self.link) = (key, wakeUp, isWanted, link)
    }

    /// Gives what has come since the last call.
    func take() -> Arrivals {
        arrivals.withLock { arrivals in
            defer {
                (arrivals.payloads, arrivals.droppedEvents, arrivals.bytes) = ([], 0, 0)
            }
            return arrivals
        }
    }

    /// Works until asked to stop. Where nothing is known yet it begins with what comes now.
    func run(until stop: StopSignal) {
        let link = link(stop)
        defer { link.close() }
        var position: String?
        var reckoning = EntryReckoning()
        var look = Interval(milliseconds: Self.lookMilliseconds)
        while !stop.isStopped {
            guard isWanted() else {
                position = nil
                stop.wait(milliseconds: Self.pauseMilliseconds)
                continue
            }
            do throws(RedisError) {
                if position == nil {
                    if let state = try state(link) {
                        position = state.last
                        reckoning.begin(at: state)
                        note(fault: nil)
                    }
                    look.restart()
                }
                guard let known = position, let entries = try read(link, after: known) else {
                    note(fault: link.fault.map { "Redis cannot be used: \($0)" })
                    stop.wait(milliseconds: Self.pauseMilliseconds)
                    continue
                }
                note(fault: nil)
                for entry in entries {
                    let (id, events) = take(entry)
                    reckoning.read(events: events)
                    position = id ?? position
                }
                guard look.restartIfDue(), let known = position, let state = try state(link) else { continue }
                if Self.isBefore(state.last, known) {
                    // A stream that was made anew may number its entries anew.
                    position = state.last
                    reckoning.begin(at: state)
                } else {
                    let missed = reckoning.missedEvents(at: known, of: state)
                    if missed > 0 { arrivals.withLock { $0.droppedEvents += missed } }
                }
            } catch {
                note(fault: "the stream of events cannot be read: \(error)")
                stop.wait(milliseconds: Self.pauseMilliseconds)
            }
        }
    }

    /// - Returns: entries that have come; nil when Redis cannot be used.
    private func read(_ link: RedisLink, after position: String) throws(RedisError) -> [RedisReply]? {
        let reply = try link.call([
            "XREAD", "COUNT", .number(Int64(Self.batchesMax)), "BLOCK", .number(Int64(Self.blockMilliseconds)),
            "STREAMS", .text(key), .text(position),
        ])
        return reply.map { $0.elements.first?.elements.dropFirst().first?.elements ?? [] }
    }

    /// What Redis says of the stream; nil when it cannot be used.
    private func state(_ link: RedisLink) throws(RedisError) -> EntryReckoning.Stream? {
        guard let reply = try link.call(["EVAL_RO", .text(EntryReckoning.script), "1", .text(key)]) else { return nil }
        let parts = reply.elements
        guard parts.count == 4, let last = parts[0].text, let first = parts[1].text, let length = parts[2].integer,
            let added = parts[3].integer
        else { return nil }
        return EntryReckoning.Stream(last: last, first: first, length: length, added: added)
    }

    /// - Returns: the id of the entry, and how many events it has.
    private func take(_ entry: RedisReply) -> (id: String?, events: Int) {
        let parts = entry.elements
        guard parts.count == 2 else { return (nil, 0) }
        var events = 0
        if let payload = parts[1].fields[StreamKeys.payloadField]?.bytes {
            events = BatchFront(payload)?.count ?? 0
            arrivals.withLock { arrivals in
                guard arrivals.bytes + payload.count <= Self.waitingBytesMax else {
                    arrivals.droppedEvents += events
                    return
                }
                arrivals.bytes += payload.count
                arrivals.payloads.append(payload)
            }
            wakeUp.wake()
        }
        return (parts[0].text, events)
    }

    private func note(fault: String?) {
        arrivals.withLock { $0.fault = fault }
    }

    /// Whether an entry's id is before another one.
    static func isBefore(_ left: String, _ right: String) -> Bool {
        guard let left = StreamEntryID(left), let right = StreamEntryID(right) else { return false }
        return left < right
    }
}
