import EventContract
import Glibc
import Lifecycle

/// One connection: commands go out in order, replies come in the same order, and each finds its own completion.
///
/// Nothing here retries: the first failure ends the connection, and every completion that is still waiting gets that
/// failure. ``RedisLink`` makes the next connection.
final class RedisConnection {
    typealias Completion = (RedisReply) -> Void

    private struct Expected {
        var completion: Completion
        var timeoutMilliseconds: Int
    }

    /// The most bytes of one reply: an entry, which are read one by one. A larger one ends the connection, and after some
    /// deliveries it becomes a dead letter without having been read.
    static let replyBytesMax = BatchHeader.payloadBytesMax + (1 << 20)
    private static let readBytes = 64 * 1024
    private static let chunksPerWrite = 8

    private let socket: RedisSocket
    private let parser: RedisReplyParser
    private let wait: StoppableWait
    private var output = RedisOutput()
    private var expected: [Expected] = []
    private var firstExpected = 0
    /// When bytes moved last, or the first of the waiting commands was queued.
    private var lastProgress = Deadline.now
    private var wantedEvents = Int16(POLLIN)
    private let buffer: UnsafeMutableRawBufferPointer
    /// Why this connection can no longer be used.
    private(set) var failure: RedisError?

    /// Connects; log-in and the rest of the greeting are commands like all others.
    init(_ options: RedisOptions, stop: StopSignal, onStop: StoppableWait.OnStop) throws(RedisError) {
        let wait = StoppableWait(stop: stop)
        let deadline = Deadline.milliseconds(options.connectTimeoutMilliseconds)
        parser = try RedisReplyParser(replyBytesMax: Self.replyBytesMax)
        socket = try RedisSocket(options) { descriptor, events, milliseconds throws(RedisError) in
            let limit = milliseconds.map { min(deadline, .milliseconds($0)) } ?? deadline
            switch wait.wait(for: descriptor, events: events, until: limit, onStop: onStop) {
            case .ready: return true
            case .deadlinePassed: return false
            case .stopped: throw RedisError(.stopped, "asked to stop while connecting")
            }
        }
        self.wait = wait
        // Last: when connecting fails, no deinit runs that would give it back.
        buffer = .allocate(byteCount: Self.readBytes, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// The descriptor and the events that the connection waits for, for a caller with a `poll` of its own.
    var pollDescriptor: pollfd {
        pollfd(fd: socket.descriptor, events: wantedEvents, revents: 0)
    }

    /// Whether a reply is still to come.
    var isAwaitingReplies: Bool { firstExpected < expected.count }

    /// Queues a command. `completion` runs inside a later ``pump(until:onStop:while:)``, once, with the reply or, when
    /// the connection is lost, with that failure as an error.
    func send(_ command: [RedisArgument], timeoutMilliseconds: Int, then completion: @escaping Completion) {
        if let failure {
            completion(.error(failure))
            return
        }
        if !isAwaitingReplies { lastProgress = .now }
        expected.append(Expected(completion: completion, timeoutMilliseconds: timeoutMilliseconds))
        output.append(command)
    }

    /// Queues commands as one transaction, which go out in one piece.
    /// - Parameter completion: gets what ``send(_:timeoutMilliseconds:then:)`` gives: the replies to all of them, of which
    ///   each may be an error of that command alone, or why nothing was carried out.
    func sendTransaction(
        _ commands: [[RedisArgument]], timeoutMilliseconds: Int, then completion: @escaping Completion
    ) {
        // Why Redis did not queue a command tells more than that it gave up the transaction for it.
        var refusal: RedisError?
        for command in [["MULTI"]] + commands {
            send(command, timeoutMilliseconds: timeoutMilliseconds) { reply in
                if case .error(let error) = reply { refusal = refusal ?? error }
            }
        }
        send(["EXEC"], timeoutMilliseconds: timeoutMilliseconds) { reply in
            guard case .error(let error) = reply else { return completion(reply) }
            completion(.error(refusal ?? error))
        }
    }

    /// Moves bytes in both directions and completes commands, as long as `condition` holds.
    ///
    /// Returns when it no longer holds, when `deadline` has passed, or on a stop, as `onStop` says.
    /// - Throws: the failure that ended the connection.
    func pump(
        until deadline: Deadline, onStop: StoppableWait.OnStop, while condition: () -> Bool
    ) throws(RedisError) {
        do throws(RedisError) {
            if let failure { throw failure }
            while true {
                try moveBytes()
                guard condition() else { return }
                let due = replyDeadline
                switch wait.wait(
                    for: socket.descriptor, events: wantedEvents, until: min(deadline, due ?? deadline), onStop: onStop)
                {
                case .ready: continue
                case .stopped: return
                case .deadlinePassed:
                    try moveBytes()
                    // Looked at again: the reply may have come in the last moment.
                    if let due = replyDeadline, due.hasPassed {
                        throw RedisError(.timeout, "no answer within the deadline")
                    }
                    if deadline.hasPassed || wait.stop.isStopped { return }
                }
            }
        } catch {
            fail(error)
            throw error
        }
    }

    private var replyDeadline: Deadline? {
        guard isAwaitingReplies else { return nil }
        return lastProgress.advanced(milliseconds: expected[firstExpected].timeoutMilliseconds)
    }

    private func moveBytes() throws(RedisError) {
        wantedEvents = Int16(POLLIN)
        while !output.isEmpty {
            // A result instead of a throw, because the standard library's closures lose the type of the error.
            let outcome = output.withNext(Self.chunksPerWrite) { chunks -> Result<RedisSocket.Progress, RedisError> in
                do throws(RedisError) { return .success(try socket.write(chunks)) } catch { return .failure(error) }
            }
            switch outcome {
            case .success(.moved(let count)):
                output.removeFirst(count)
                lastProgress = .now
            case .success(.wouldBlock(let events)):
                wantedEvents |= events
                return try readReplies()
            case .success(.closed): throw RedisError(.connection, "the server has closed the connection")
            case .failure(let error): throw error
            }
        }
        try readReplies()
    }

    private func readReplies() throws(RedisError) {
        while true {
            switch try socket.read(into: buffer) {
            case .wouldBlock(let events):
                wantedEvents |= events
                return
            case .closed: throw RedisError(.connection, "the server has closed the connection")
            case .moved(let count):
                try parser.feed(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                lastProgress = .now
                while let reply = try parser.next() {
                    try complete(with: reply)
                    // The completion may have decided that this connection is of no more use.
                    if let failure { throw failure }
                }
            }
        }
    }

    private func complete(with reply: RedisReply) throws(RedisError) {
        guard isAwaitingReplies else {
            if case .error(let error) = reply { throw error }
            throw RedisError(.protocolViolation, "a reply that nobody asked for")
        }
        let completion = expected[firstExpected].completion
        firstExpected += 1
        if firstExpected == expected.count {
            expected.removeAll(keepingCapacity: true)
            firstExpected = 0
        }
        completion(reply)
    }

    /// Ends the connection for all who still wait for a reply.
    func fail(_ error: RedisError) {
        guard failure == nil else { return }
        failure = error
        let waiting = expected[firstExpected...].map(\.completion)
        expected.removeAll()
        firstExpected = 0
        output = RedisOutput()
        for completion in waiting { completion(.error(error)) }
    }
}
