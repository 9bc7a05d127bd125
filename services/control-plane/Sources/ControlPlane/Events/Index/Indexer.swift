import EventStore
import Glibc
import Lifecycle
import Logging
import SQLite
import Synchronization

/// Follows the event store, and keeps the index up to date, on a thread of its own.
///
/// While it has to catch up it rests as long as it works, so that it never takes more than half of a core.
final class Indexer: Sendable {
    /// Events of one transaction.
    private static let batchCountMax = 5_000
    /// What cannot be read in this time waits for the next transaction: a card may be slow, and people wait for their decisions.
    private static let batchMillisecondsMax = 500
    private static let readMillisecondsMax = 10_000
    /// How long fewer events wait: each write costs more, the less it brings.
    private static let waitMilliseconds = 3_000
    private static let lookMilliseconds = 500
    private static let cleaningMilliseconds = 600_000
    private static let retryMilliseconds = 5_000

    private struct State {
        var writer: EventIndexWriter?
        var store: EventStoreReader?
        var wait = Interval(milliseconds: waitMilliseconds)
        var cleaning = Interval(milliseconds: cleaningMilliseconds)
    }

    /// How far it is.
    struct Progress: Sendable, Equatable {
        /// The last event that was indexed.
        var position: Int64 = 0
        /// The last event of the store.
        var last: Int64 = 0
        /// Why it does not go on; nil when it does.
        var fault: String?
    }

    let path: String
    private let storePath: String
    private let triage: Triage
    private let logger: Logger
    private let state: Mutex<State>
    private let progressState = Mutex(Progress())

    /// - Parameters:
    ///   - path: of the index.
    ///   - storePath: of the event store, which may appear later.
    init(path: String, storePath: String, triage: Triage, logger: Logger) {
        (self.path, self.storePath, self.triage, self.logger) = (path, storePath, triage, logger)
        state = Mutex(State())
    }

    var progress: Progress { progressState.withLock { $0 } }

    /// Takes over what was just decided about groups, so that the next look at the inbox shows it.
    func takeOverTriage() {
        // What goes wrong here comes again in the thread, which tells.
        state.withLock { try? $0.writer?.takeOverTriage() }
    }

    /// Works until asked to stop.
    func run(until stop: StopSignal) {
        // The thread alone gets behind the others: on Linux a priority is one of a thread.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        while !stop.isStopped {
            do {
                let rest = try step()
                note(fault: nil)
                stop.wait(milliseconds: rest)
            } catch {
                note(fault: error)
                let isBroken = error is StoreReplaced || isOfBrokenIndex(error)
                if isBroken { discard() } else { state.withLock { $0.store = nil } }
                stop.wait(milliseconds: Self.retryMilliseconds)
            }
        }
    }

    /// One step: a batch, or a look whether there is one.
    ///
    /// - Parameter waits: whether few events wait for more.
    /// - Returns: how long to rest, in milliseconds.
    /// - Throws: `SQLiteError`, ``StoreReplaced`` and what the store throws.
    func step(waits: Bool = true) throws -> Int {
        try state.withLock { state in
            let store =
                try state.store
                ?? EventStoreReader(
                    path: storePath, busyTimeoutMilliseconds: 2_000, queryMillisecondsMax: Self.readMillisecondsMax)
            state.store = store
            // A file that somebody has removed is made anew.
            if state.writer?.isInPlace == false { state.writer = nil }
            let writer = try state.writer ?? EventIndexWriter(path: path, triage: triage)
            state.writer = writer
            try writer.takeOverTriage()
            let sequences = try store.sequences()
            // The newest events may be the first to go: those of an old capture.
            let last = max(sequences?.upperBound ?? 0, writer.position.sequence)
            guard try writer.position.isOf(store) else { throw StoreReplaced() }
            progressState.withLock { ($0.position, $0.last) = (writer.position.sequence, last) }
            if let sequences, state.cleaning.restartIfDue() {
                if let oldest = try writer.forget(before: sequences.lowerBound) {
                    try triage.cleanUp(eventsFrom: oldest)
                }
            }
            let waiting = last - writer.position.sequence
            guard waiting > 0, !waits || waiting >= Self.batchCountMax || state.wait.restartIfDue() else {
                return Self.lookMilliseconds
            }
            let start = Self.cpuMilliseconds()
            _ = try writer.take(
                from: store, countMax: Self.batchCountMax, deadline: .milliseconds(Self.batchMillisecondsMax))
            progressState.withLock { $0.position = writer.position.sequence }
            return last > writer.position.sequence ? max(1, Self.cpuMilliseconds() - start) : Self.lookMilliseconds
        }
    }

    /// What this thread has worked; not what it has waited for others.
    private static func cpuMilliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// Whether the index is broken; the store and what people have decided are not built anew with it.
    private func isOfBrokenIndex(_ error: any Error) -> Bool {
        guard let error = error as? SQLiteError, error.isCorruption else { return false }
        return error.isOf(path)
    }

    private func note(fault: (any Error)?) {
        let text = fault.map { "\($0)" }
        let before = progressState.withLock { progress in
            defer { progress.fault = text }
            return progress.fault
        }
        if let text, text != before { logger.warning("the index of events does not go on", ["reason": "\(text)"]) }
    }

    private func discard() {
        logger.warning("the index of events is built anew")
        state.withLock { state in
            (state.writer, state.store) = (nil, nil)
            EventIndexFile.remove(path)
        }
    }
}

/// The event store is another one than the index was made of.
struct StoreReplaced: Error, CustomStringConvertible {
    var description: String { "the event store was made anew" }
}
