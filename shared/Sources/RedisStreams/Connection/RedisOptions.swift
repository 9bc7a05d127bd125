public import Logging

/// How Redis is reached, how patient a client is, and how much it may put there.
public struct RedisOptions: Sendable {
    /// Host name or address.
    public var host: String
    /// Port.
    public var port: Int
    /// User of Redis' access lists; nil for the default user.
    public var username: String?
    /// Empty for none.
    public var password = Secret()
    /// Number of the database.
    public var database = 0
    /// Put before the name of each key in Redis.
    public var prefix = "ids:"
    /// Whether the connection is encrypted; the server's certificate is then verified.
    public var usesTLS = false
    /// PEM file with the certificates that are trusted instead of the system's; nil for the system's.
    public var caFile: String?
    /// PEM file with the certificate that this client shows; nil for none. Goes with `keyFile`.
    public var certificateFile: String?
    /// PEM file with the private key of `certificateFile`; nil for none.
    public var keyFile: String?
    /// Longest time for a connection to be made, with TLS and log-in.
    public var connectTimeoutMilliseconds = 5_000
    /// Longest time for the answer to a command, on top of the time that a blocking command is asked to block.
    public var commandTimeoutMilliseconds = 10_000
    /// Longest pause between two attempts to connect.
    public var backoffMaxMilliseconds = 5_000
    /// How long a consumer may be silent, with nothing pending, before another one of its group removes it.
    public var consumerIdleMaxMilliseconds = 86_400_000
    /// How often an entry is delivered before it becomes a dead letter, when no consumer finishes it.
    public var deliveriesMax = 5
    /// The most dead letters that are kept.
    public var deadLettersMax = 10_000
    /// The most memory of Redis that dead letters may take, in bytes.
    public var deadLetterBytesMax = 64 << 20
    /// The share of `maxmemory` from which on no new events are put into Redis, in percent.
    public var memoryMaxPercent = 80

    /// A server without a password, by default one on this machine.
    public init(host: String = "127.0.0.1", port: Int = 6379) {
        (self.host, self.port) = (host, port)
    }
}
