import EventContract
import HostedRedis
import Lifecycle
import Logging
import Metrics
import RedisStreams
import ServiceHost
import Settings
import Synchronization

/// A way to the Redis of the pipeline for threads that answer people: it waits for seconds at most, and says why Redis cannot
/// be used.
///
/// Nothing is connected before the first use. While Redis is away a call fails at once, and the connection is made anew as soon as
/// that is possible; page and API go on without it. Calls of several threads come one after the other: who asks often, or for
/// much, takes a way of its own.
final class PipelineRedis: Sendable {
    private static let connectMillisecondsMax = 1_000
    private static let answerMillisecondsMax = 3_000

    /// How Redis is reached, and how much may be put there.
    let options: RedisOptions
    /// The names of what the services keep there.
    let keys: StreamKeys
    private let link: Mutex<RedisLink>

    /// As the section `redis` says; its state is the part `redis` of `/readyz`, which warns and does no more.
    convenience init(_ settings: RedisSettings, host: ServiceHost) {
        self.init(
            RedisOptions(settings), service: host.name, stop: host.stop, readiness: host.readiness, logger: host.logger,
            metrics: host.metrics)
    }

    init(
        _ options: RedisOptions, service: String, stop: StopSignal, readiness: Readiness, logger: Logger,
        metrics: MetricsRegistry
    ) {
        var options = options
        options.connectTimeoutMilliseconds = min(options.connectTimeoutMilliseconds, Self.connectMillisecondsMax)
        options.commandTimeoutMilliseconds = min(options.commandTimeoutMilliseconds, Self.answerMillisecondsMax)
        self.options = options
        keys = StreamKeys(prefix: options.prefix)
        let link = RedisLink(options, service: service, stop: stop, logger: logger, metrics: metrics)
        link.onStateChange = { _, reason in readiness.set("redis", ready: true, warning: reason) }
        self.link = Mutex(link)
    }

    /// The answer to a command.
    /// - Throws: the reason why there is none, or the refusal of Redis.
    func call(_ command: [RedisArgument]) throws(RedisError) -> RedisReply {
        try link.withLock { link throws(RedisError) in
            guard let reply = try link.call(command) else { throw Self.reason(link) }
            return reply
        }
    }

    /// The answers to commands that are carried out as one, in one round trip; each may be an error of its command alone.
    /// - Throws: the reason why there are none.
    func transaction(_ commands: [[RedisArgument]]) throws(RedisError) -> [RedisReply] {
        try link.withLock { link throws(RedisError) in
            guard let replies = try link.transaction(commands) else { throw Self.reason(link) }
            return replies
        }
    }

    private static func reason(_ link: borrowing RedisLink) -> RedisError {
        link.fault ?? RedisError(.connection, "not connected yet")
    }
}
