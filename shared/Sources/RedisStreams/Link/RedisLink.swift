import EventContract
public import Lifecycle
public import Logging
public import Metrics

/// Keeps a connection to Redis up: connects, logs in, loads the scripts, and after a failure waits (with growing,
/// jittered pauses) before it tries again.
///
/// It never throws transient failures: it reports them as its state, once per change, and returns nothing until Redis can
/// be used again. Not for use by two threads at once.
public final class RedisLink {
    /// How Redis is reached.
    public let options: RedisOptions
    /// The service's name, which Redis shows in CLIENT LIST.
    public let service: String
    /// Called when Redis becomes usable or unusable, with the reason, or with what is wrong with it although it can be
    /// used; the place to set readiness.
    public var onStateChange: (_ isReady: Bool, _ reason: String) -> Void = { _, _ in }
    /// Called when dead letters begin to be lost, because their stream takes none, with the reason, and when they are kept
    /// again; the place to set readiness.
    public var onLettersChange: (_ areKept: Bool, _ reason: String) -> Void = { _, _ in }
    /// Why Redis cannot be used at the moment; nil when it can.
    public var fault: RedisError? { state.fault }

    let stop: StopSignal
    let logger: Logger
    /// Counts the connections; a new number means that replies may have been lost.
    private(set) var epoch = 0
    /// How often Redis has become usable: after each time it may have an older state than before.
    private(set) var recoveries = 0
    private var connection: RedisConnection?
    private var scripts: [RedisScript: String] = [:]
    private var state: LinkState
    private var drainDeadline: Deadline?
    /// What is wrong with the server's settings although it can be used; empty for nothing.
    private var warning = ""
    private var areLettersKept = true
    let metrics: RedisLinkMetrics

    /// How long after a stop an unfinished exchange may go on.
    static let drainMilliseconds = 5_000

    /// Nothing is connected before the first use.
    /// - Parameters:
    ///   - options: how Redis is reached.
    ///   - service: the service's name, without blanks.
    ///   - stop: ends every wait.
    ///   - logger: gets one line per change of state.
    ///   - metrics: gets the link's counters.
    public init(
        _ options: RedisOptions, service: String, stop: StopSignal, logger: Logger,
        metrics: MetricsRegistry = MetricsRegistry(prefix: "ids")
    ) {
        self.options = options
        self.service = service
        self.stop = stop
        self.logger = logger
        self.metrics = RedisLinkMetrics(metrics)
        state = LinkState(backoffMaxMilliseconds: options.backoffMaxMilliseconds)
    }

    /// Tells the state of the link from now on as the parts `redis` and `dead_letters`.
    public func showState(in readiness: Readiness) {
        readiness.set("redis", ready: false, reason: "not connected yet")
        onStateChange = { isReady, reason in
            readiness.set("redis", ready: isReady, reason: reason, warning: reason)
        }
        onLettersChange = { areKept, reason in readiness.set("dead_letters", ready: areKept, reason: reason) }
    }

    /// Sends one command and waits for its answer.
    /// - Parameter waitMilliseconds: the longest wait for Redis to be usable.
    /// - Returns: nil when Redis cannot be used now.
    /// - Throws: errors that retrying cannot fix: `.wrongType`, `.noGroup`.
    public func call(_ command: [RedisArgument], waitMilliseconds: Int = 0) throws(RedisError) -> RedisReply? {
        guard let connection = try available(waitMilliseconds: waitMilliseconds) else { return nil }
        return try settle { () throws(RedisError) in
            try exchange(command, on: connection)
        }
    }

    /// Sends commands as one transaction and in one round trip.
    /// - Parameter waitMilliseconds: the longest wait for Redis to be usable.
    /// - Returns: the replies, of which each may be an error of that command alone; nil when Redis cannot be used now.
    /// - Throws: errors that retrying cannot fix; those of single commands are among the replies.
    public func transaction(
        _ commands: [[RedisArgument]], waitMilliseconds: Int = 0
    ) throws(RedisError) -> [RedisReply]? {
        guard let connection = try available(waitMilliseconds: waitMilliseconds) else { return nil }
        return try settle { () throws(RedisError) in
            let timeout = options.commandTimeoutMilliseconds
            return try reply(on: connection, timeoutMilliseconds: timeout) { completion in
                connection.sendTransaction(commands, timeoutMilliseconds: timeout, then: completion)
            }.elements
        }
    }

    /// Puts a text about this service into a field of a hash, where others find it; also when memory is full.
    ///
    /// It does not wait, and a refusal does not matter: the next text soon replaces this one.
    /// - Parameter replaced: gets the text that was there before, nil for none, unless the text could not be put there.
    public func keep(
        _ text: String, as field: String, of hash: String, replaced: ((String?) -> Void)? = nil
    ) {
        guard let connection = current else { return }
        var command: [RedisArgument] = [
            "EVAL", .text(RedisScript.keep.source), "1", .text(hash), .text(field), .text(text),
        ]
        if replaced != nil { command.append("previous") }
        connection.send(command, timeoutMilliseconds: options.commandTimeoutMilliseconds) { reply in
            if case .error = reply { return }
            replaced?(reply.text)
        }
        // A failure shows itself again at the next use of the link, which reports it.
        try? connection.pump(until: .now, onStop: finishing) { false }
    }

    /// Closes the connection; the next use makes a new one.
    public func close() {
        drop(RedisError(.connection, "closed"))
    }

    /// What a caller with a `poll` of its own should wait for, so that replies are taken when they come; nil without a
    /// connection.
    public var pollDescriptor: (descriptor: Int32, events: Int16)? {
        guard let wanted = connection?.pollDescriptor else { return nil }
        return (wanted.fd, wanted.events)
    }

    // MARK: For the parts of this module

    /// The connection if it is up and not waiting, without any attempt to change that.
    var current: RedisConnection? {
        guard let connection, connection.failure == nil, state.pauseEnd == nil else { return nil }
        return connection
    }

    /// A usable connection, made now if need be; nil when there is none within the wait.
    /// - Parameter draining: go on in spite of a stop, as long as the time for that lasts.
    func available(waitMilliseconds: Int, draining: Bool = false) throws(RedisError) -> RedisConnection? {
        let onStop = draining ? finishing : .leave
        if stop.isStopped, !draining { return nil }
        if let pauseEnd = state.pauseEnd {
            sitOut(until: min(pauseEnd, .milliseconds(waitMilliseconds)), onStop: onStop)
            guard state.pauseEnd == nil, draining || !stop.isStopped else { return nil }
        }
        if let connection {
            guard let failure = connection.failure else { return connection }
            try report(failure)
            return nil
        }
        return try settle { () throws(RedisError) in
            let fresh = try connect(onStop: onStop)
            connection = fresh
            epoch += 1
            metrics.connects.add()
            succeeded(.connected)
            return fresh
        }
    }

    /// What a wait for work in flight does on a stop.
    var finishing: StoppableWait.OnStop {
        guard stop.isStopped else { return .finish(within: .milliseconds(Self.drainMilliseconds)) }
        let deadline = drainDeadline ?? .milliseconds(Self.drainMilliseconds)
        drainDeadline = deadline
        return .finish(within: deadline)
    }

    /// Whether the time to finish work in flight after a stop is over.
    var isDrainOver: Bool { drainDeadline?.hasPassed ?? false }

    /// Sends a command and pumps until its own reply is there.
    /// - Parameters:
    ///   - command: the words.
    ///   - connection: where it goes.
    ///   - blockMilliseconds: for how long the command itself asks Redis to block; such a wait ends on a stop,
    ///   and the connection with it, because a late reply would stand before all others.
    ///   - evidence: what it proves when Redis carries the command out.
    func exchange(
        _ command: [RedisArgument], on connection: RedisConnection, blockMilliseconds: Int? = nil,
        proves evidence: LinkState.Evidence? = .answered
    ) throws(RedisError) -> RedisReply {
        let timeout = options.commandTimeoutMilliseconds + (blockMilliseconds ?? 0)
        return try reply(
            on: connection, timeoutMilliseconds: timeout, onStop: blockMilliseconds == nil ? finishing : .leave,
            proves: evidence
        ) { connection.send(command, timeoutMilliseconds: timeout, then: $0) }
    }

    /// Sends by `send`, and pumps until the reply that this is told of is there.
    private func reply(
        on connection: RedisConnection, timeoutMilliseconds: Int, onStop: StoppableWait.OnStop? = nil,
        proves evidence: LinkState.Evidence? = .answered, send: (@escaping RedisConnection.Completion) -> Void
    ) throws(RedisError) -> RedisReply {
        var answer: RedisReply?
        send { answer = $0 }
        try connection.pump(until: .milliseconds(timeoutMilliseconds + 1_000), onStop: onStop ?? finishing) {
            answer == nil
        }
        switch answer {
        case .error(let error)?: throw error
        case let reply?:
            if let evidence { succeeded(evidence) }
            return reply
        case nil:
            let error = RedisError(stop.isStopped ? .stopped : .timeout, "no answer before the end of the wait")
            drop(error)
            throw error
        }
    }

    /// The words that run a script.
    func run(_ script: RedisScript, keys: [String], _ arguments: [RedisArgument]) -> [RedisArgument] {
        ["EVALSHA", .text(scripts[script] ?? ""), .number(Int64(keys.count))] + keys.map { .text($0) } + arguments
    }

    /// Does work on the connection; a transient failure becomes the link's state, and the result is nil.
    func settle<Value>(_ work: () throws(RedisError) -> Value) throws(RedisError) -> Value? {
        do throws(RedisError) {
            return try work()
        } catch {
            try report(error)
            return nil
        }
    }

    /// Handles a failure: state, log, pause, and the end of the connection if it needs a new one.
    /// - Throws: the failure itself when retrying cannot fix it.
    func report(_ error: RedisError) throws(RedisError) {
        // The same failure seen from two sides: the pause for it has begun.
        if error.code == fault?.code, state.pauseEnd != nil, connection == nil { return }
        switch error.reaction {
        case .giveUp where error.code == .stopped: return
        case .giveUp, .recreateGroup: throw error
        case .wait: break
        case .reconnect, .reconnectSlowly: drop(error)
        }
        metrics.faults(error.code).add()
        guard state.fail(error) else { return }
        metrics.up.set(0)
        let fields: Logger.Fields = [
            "code": error.code.rawValue, "reason": error.message, "host": options.host, "port": options.port,
        ]
        if error.reaction == .reconnectSlowly {
            logger.error("Redis cannot be used before somebody changes something", fields)
        } else {
            logger.warning("Redis cannot be used, trying again", fields)
        }
        onStateChange(false, error.description)
    }

    /// Handles an error reply to a command that was sent without waiting for it.
    /// - Returns: the failure when retrying cannot fix it.
    func reportReply(_ error: RedisError) -> RedisError? {
        if error.reaction == .giveUp { return error.code == .stopped ? nil : error }
        // In a pause, or without a connection, the failure is the consequence of one that is reported already.
        if current != nil { try? report(error) }
        return nil
    }

    /// Records that Redis did what it was asked.
    func succeeded(_ evidence: LinkState.Evidence) {
        let hadFault = fault != nil
        guard state.succeed(evidence) else { return }
        if hadFault { logger.info("Redis can be used again", ["host": options.host, "port": options.port]) }
        recoveries += 1
        metrics.up.set(1)
        onStateChange(true, warning)
    }

    /// Records what became of the letters of a commit.
    /// - Parameter reply: the commit's: a number, or why Redis did not take a letter.
    func settleLetters(_ letters: [DeadLetter], _ reply: RedisReply) {
        guard !letters.isEmpty, reply.integer != 0 else { return }
        let refusal = reply.integer == nil ? reply.text : nil
        guard (refusal == nil) != areLettersKept else { return }
        areLettersKept = refusal == nil
        let stream = StreamKeys(prefix: options.prefix).dead
        if let refusal {
            let reason = "dead letters are lost until \(stream) is renamed or removed: \(refusal)"
            logger.error("Redis takes no dead letters", ["stream": stream, "reason": reason])
            onLettersChange(false, reason)
        } else {
            logger.info("Dead letters are kept again", ["stream": stream])
            onLettersChange(true, "")
        }
    }

    private func drop(_ error: RedisError) {
        connection?.fail(error)
        connection = nil
    }

    /// Waits while nothing is to be sent.
    private func sitOut(until deadline: Deadline, onStop: StoppableWait.OnStop) {
        guard let connection, connection.failure == nil else {
            _ = StoppableWait(stop: stop).wait(for: nil, events: 0, until: deadline, onStop: onStop)
            return
        }
        // Replies to what was sent before the pause still come in; a failure shows itself at the next use.
        try? connection.pump(until: deadline, onStop: onStop) { true }
    }

    private func connect(onStop: StoppableWait.OnStop) throws(RedisError) -> RedisConnection {
        let fresh = try RedisConnection(options, stop: stop, onStop: onStop)
        let answer = try RedisGreeting(options: options).say { command throws(RedisError) in
            try exchange(command, on: fresh, proves: nil)
        }
        // A user of the access lists may lack the right to name itself, which harms nothing.
        fresh.send(["CLIENT", "SETNAME", .text(service)], timeoutMilliseconds: options.commandTimeoutMilliseconds) {
            _ in
        }
        scripts = answer.scripts
        if answer.warning != warning, !answer.warning.isEmpty {
            logger.warning("Redis can lose what it is given", ["reason": answer.warning, "host": options.host])
        }
        warning = answer.warning
        return fresh
    }
}
