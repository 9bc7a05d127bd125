/// Why Redis did not do what it was asked.
public struct RedisError: Error, Equatable, CustomStringConvertible {
    /// What kind of failure it is; the reaction follows from it.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no connection, or it broke.
        case connection
        /// The server did not answer within the deadline.
        case timeout
        /// The server answered what is no reply, or one beyond the bounds.
        case protocolViolation
        /// The server's certificate, or ours, was not accepted.
        case tls
        /// The data set is being loaded.
        case loading
        /// The server is a replica.
        case readOnly
        /// The server cannot save its data and refuses writes.
        case misconfigured
        /// `maxmemory` is reached.
        case outOfMemory
        /// The consumer group or its stream does not exist.
        case noGroup
        /// A key holds another type than it must.
        case wrongType
        /// The password is missing or wrong, or the user may not do this.
        case notAllowed
        /// The server has forgotten the scripts.
        case noScript
        /// The stored checkpoint is not the one that the commit builds on.
        case stale
        /// The server is busy with a script, fails over, or asks to try again.
        case busy
        /// The server is part of a Redis Cluster.
        case cluster
        /// The service was asked to stop while it waited.
        case stopped
        /// Anything else that the server answered.
        case other
    }

    /// What to do about a failure; docs/redis.md has the table.
    public enum Reaction: Sendable {
        /// Keep the connection, wait, send again.
        case wait
        /// Drop the connection, wait, connect and send again.
        case reconnect
        /// As `reconnect`, but at the slowest pace and logged as an error: somebody has to act.
        case reconnectSlowly
        /// Create the group at the start of the stream and read on.
        case recreateGroup
        /// Give the failure to the caller, which cannot go on.
        case giveUp
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, for people.
    public var message: String
    /// The error of another module that it comes from, whose words are in the message; nil for none.
    public let cause: (any Error)?

    /// A failure that this module or a test has found itself.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The failure that an error reply stands for; its first word is the code.
    init(reply: String) {
        let word = reply.prefix { $0 != " " }
        self.init(Self.codes[String(word)] ?? .other, reply)
        // Redis reports a password that it does not want, and one connection too many, as plain errors.
        if reply.hasPrefix("ERR AUTH ") { code = .notAllowed }
        if reply.hasPrefix("ERR max number of clients") { code = .connection }
    }

    private static let codes: [String: Code] = [
        "LOADING": .loading, "READONLY": .readOnly, "MISCONF": .misconfigured, "OOM": .outOfMemory,
        "NOGROUP": .noGroup, "UNBLOCKED": .noGroup, "WRONGTYPE": .wrongType, "NOAUTH": .notAllowed,
        "WRONGPASS": .notAllowed, "NOPERM": .notAllowed, "NOSCRIPT": .noScript, "STALE": .stale, "BUSY": .busy,
        "CROSSSLOT": .cluster, "MOVED": .cluster, "ASK": .cluster,
        "MASTERDOWN": .busy, "TRYAGAIN": .busy, "CLUSTERDOWN": .busy, "NOREPLICAS": .busy,
    ]

    /// What to do about it.
    public var reaction: Reaction {
        switch code {
        case .loading, .misconfigured, .outOfMemory, .busy, .other: .wait
        // A replica stays one; after a fail-over the same name leads to the new master.
        case .connection, .timeout, .protocolViolation, .readOnly, .noScript: .reconnect
        case .notAllowed, .tls, .cluster: .reconnectSlowly
        case .noGroup: .recreateGroup
        case .wrongType, .stale, .stopped: .giveUp
        }
    }

    /// Whether code and message are the same.
    public static func == (left: RedisError, right: RedisError) -> Bool {
        (left.code, left.message) == (right.code, right.message)
    }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
