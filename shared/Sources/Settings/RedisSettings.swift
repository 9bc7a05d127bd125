// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The text of each key is its documentation, too.

public import Configuration
public import Logging

/// How Redis is reached, and how patient a client is.
public struct RedisSettings: SettingsSection {
    @Setting(
        "redis.url", RedisURL.form, default: nil,
        """
        Everything in one: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS. What it \
        leaves out has the default. Special characters in user and password are written as `%2F`.
        """)
    public var url

    @Setting(
        "redis.host", .host, default: "127.0.0.1", "Host name or address of Redis.")
    public var host

    @Setting(
        "redis.port", .port, default: 6379, "Port of Redis.")
    public var port

    @Setting(
        "redis.username", .optionalText, default: nil, "User of Redis' access lists, if there is one.")
    public var username

    @Setting(
        "redis.password", .secret, default: Secret(), "Password of Redis, if it asks for one.")
    public var password

    @Setting(
        "redis.database", .integer(in: 0...1_000_000), default: 0, "Number of the database in Redis.")
    public var database

    @Setting(
        "redis.prefix", .name, default: "ids:",
        "Put before the name of each stream and key in Redis, so that several pipelines can share a server.")
    public var prefix

    @Setting(
        "redis.tls", .boolean, default: false,
        "Encrypts the connection and verifies the server's certificate and name.")
    public var usesTLS

    @Setting(
        "redis.ca_file", .optionalPath, default: nil,
        "PEM file with the certificates to trust instead of the system's.")
    public var caFile

    @Setting(
        "redis.certificate_file", .optionalPath, default: nil,
        "PEM file with the certificate (and chain) that this client shows, if Redis asks for one.")
    public var certificateFile

    @Setting(
        "redis.key_file", .optionalPath, default: nil, "PEM file with the private key of that certificate.")
    public var keyFile

    @Setting(
        "redis.connect_timeout_ms", .milliseconds(in: 100...60_000), default: 5_000,
        "Longest time for a connection to be made, with TLS and log-in.")
    public var connectTimeoutMilliseconds

    @Setting(
        "redis.command_timeout_ms", .milliseconds(in: 100...300_000), default: 10_000,
        "Longest time for an answer, on top of the time that a command blocks on purpose.")
    public var commandTimeoutMilliseconds

    @Setting(
        "redis.backoff_max_ms", .milliseconds(in: 10...300_000), default: 5_000,
        "Longest pause between two attempts to connect; pauses grow up to it and are jittered.")
    public var backoffMaxMilliseconds

    @Setting(
        "redis.consumer_idle_max_ms", .milliseconds(in: 60_000...31_536_000_000), default: 86_400_000,
        "A consumer that has nothing pending and was silent for so long is removed from its group.")
    public var consumerIdleMaxMilliseconds

    @Setting(
        "redis.deliveries_max", .integer(in: 2...1_000), default: 5,
        """
        How often a batch is delivered to services that end before they are done with it; after that it becomes a dead \
        letter, whole. Waiting for a store and orderly restarts do not count.
        """)
    public var deliveriesMax

    @Setting(
        "redis.dead_letters_max", .integer(in: 100...10_000_000), default: 10_000,
        "About how many dead letters are kept; the oldest are removed, and counted, beyond it.")
    public var deadLettersMax

    @Setting(
        "redis.dead_letter_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 64 << 20,
        "Memory that dead letters may take in Redis; the older half is removed, and counted, beyond it.")
    public var deadLetterBytesMax

    @Setting(
        "redis.memory_max_percent", .integer(in: 10...100), default: 80,
        """
        Share of Redis' `maxmemory` from which on no new events are put in, so that what is in can still be worked \
        on. Without `maxmemory` it means nothing.
        """)
    public var memoryMaxPercent

    public init() {}

    /// `redis.url` says host, port, database and encryption as a whole, and user and password if they stand in it. A
    /// key of its own wins over the URL only when it comes from a stronger source; from the same source it may not say
    /// something else.
    public mutating func complete(_ reader: ConfigurationReader) {
        if let parts = url.flatMap({ RedisURL($0.reveal()) }) {
            merge(parts.host, into: &_host, reader)
            merge(parts.port, into: &_port, reader)
            merge(parts.username.map(Optional.some), into: &_username, reader)
            merge(parts.password, into: &_password, reader)
            merge(parts.database, into: &_database, reader)
            merge(parts.usesTLS, into: &_usesTLS, reader)
        }
        if (certificateFile == nil) != (keyFile == nil) {
            reader.report("redis.certificate_file and redis.key_file go together: set both or none")
        }
        if caFile != nil && !usesTLS {
            reader.report("redis.ca_file is set, but redis.tls is false: the connection would not be encrypted")
        }
    }

    /// Lets the URL's value be the key's, unless the key's own is stronger.
    private func merge<Value: Equatable>(
        _ part: Value?, into setting: inout Setting<Value>, _ reader: ConfigurationReader
    ) {
        guard let part, !setting.origin.overrides($url.origin) else { return }
        if setting.wrappedValue != part && setting.origin.isSet && !$url.origin.overrides(setting.origin) {
            reader.report(
                "\(setting.name) contradicts redis.url (\($url.origin)): set only one of them", at: setting.origin)
        }
        setting.derive(part, from: $url.origin, in: reader)
    }

    /// The section `redis`.
    public static let section = ConfigurationSection("redis", "The buffer between the services.", of: Self.self)
}
