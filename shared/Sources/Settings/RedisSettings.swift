public import Configuration
public import Logging

/// How Redis is reached, and how patient a client is.
public struct RedisSettings: Sendable {
    /// Host name or address.
    public var host = Keys.host.fallback
    /// Port.
    public var port = Keys.port.fallback
    /// User of Redis' access lists; nil for the default user.
    public var username = Keys.username.fallback
    /// Empty for none.
    public var password = Keys.password.fallback
    /// Number of the database.
    public var database = Keys.database.fallback
    /// Put before the name of each key in Redis.
    public var prefix = Keys.prefix.fallback
    /// Whether the connection is encrypted; the server's certificate is then verified.
    public var usesTLS = Keys.tls.fallback
    /// File with the certificates that are trusted instead of the system's; nil for the system's.
    public var caFile = Keys.caFile.fallback
    /// File with the certificate that this client shows; nil for none. Goes with `keyFile`.
    public var certificateFile = Keys.certificateFile.fallback
    /// File with the private key of `certificateFile`; nil for none.
    public var keyFile = Keys.keyFile.fallback
    /// Longest time for a connection to be made, with TLS and log-in.
    public var connectTimeoutMilliseconds = Keys.connectTimeoutMilliseconds.fallback
    /// Longest time for the answer to a command, on top of the time that a blocking command is asked to block.
    public var commandTimeoutMilliseconds = Keys.commandTimeoutMilliseconds.fallback
    /// Longest pause between two attempts to connect.
    public var backoffMaxMilliseconds = Keys.backoffMaxMilliseconds.fallback
    /// How long a consumer may be silent, with nothing pending, before another one of its group removes it.
    public var consumerIdleMaxMilliseconds = Keys.consumerIdleMaxMilliseconds.fallback
    /// How often an entry is delivered before it becomes a dead letter, when nobody gets through with it.
    public var deliveriesMax = Keys.deliveriesMax.fallback
    /// The most dead letters that are kept.
    public var deadLettersMax = Keys.deadLettersMax.fallback
    /// The most memory of Redis that dead letters may take.
    public var deadLetterBytesMax = Keys.deadLetterBytesMax.fallback
    /// The share of `maxmemory` from which on no new events are put into Redis, in percent.
    public var memoryMaxPercent = Keys.memoryMaxPercent.fallback

    /// The defaults.
    public init() {}

    /// Reads the section `redis`.
    ///
    /// `redis.url` says host, port, database and encryption as a whole, and user and password if they stand in it. A
    /// key of its own wins over the URL only when it comes from a stronger source; from the same source it may not say
    /// something else.
    public init(from reader: ConfigurationReader) {
        let url = reader.setting(of: Keys.url)
        let parts = url.value.flatMap { RedisURL($0.reveal()) }

        /// The key's own value or the URL's, whichever is stronger.
        func merged<Value: Equatable>(_ key: ConfigurationKey<Value>, _ part: Value?) -> Value {
            let own = reader.setting(of: key)
            guard let part, !own.origin.overrides(url.origin) else { return own.value }
            if own.value != part && own.origin.isSet && !url.origin.overrides(own.origin) {
                reader.report(
                    "\(key.name) contradicts redis.url (\(url.origin)): set only one of them", at: own.origin)
            }
            reader.record(key, Setting(part, from: url.origin))
            return part
        }

        host = merged(Keys.host, parts?.host)
        port = merged(Keys.port, parts?.port)
        username = merged(Keys.username, parts?.username.map(Optional.some))
        password = merged(Keys.password, parts?.password)
        database = merged(Keys.database, parts?.database)
        usesTLS = merged(Keys.tls, parts?.usesTLS)
        prefix = reader.value(of: Keys.prefix)
        caFile = reader.value(of: Keys.caFile)
        certificateFile = reader.value(of: Keys.certificateFile)
        keyFile = reader.value(of: Keys.keyFile)
        connectTimeoutMilliseconds = reader.value(of: Keys.connectTimeoutMilliseconds)
        commandTimeoutMilliseconds = reader.value(of: Keys.commandTimeoutMilliseconds)
        backoffMaxMilliseconds = reader.value(of: Keys.backoffMaxMilliseconds)
        consumerIdleMaxMilliseconds = reader.value(of: Keys.consumerIdleMaxMilliseconds)
        deliveriesMax = reader.value(of: Keys.deliveriesMax)
        deadLettersMax = reader.value(of: Keys.deadLettersMax)
        deadLetterBytesMax = reader.value(of: Keys.deadLetterBytesMax)
        memoryMaxPercent = reader.value(of: Keys.memoryMaxPercent)
        if (certificateFile == nil) != (keyFile == nil) {
            reader.report("redis.certificate_file and redis.key_file go together: set both or none")
        }
        if caFile != nil && !usesTLS {
            reader.report("redis.ca_file is set, but redis.tls is false: the connection would not be encrypted")
        }
    }

    /// The keys of the section `redis`.
    public enum Keys {
        /// `redis.url`
        public static let url = ConfigurationKey(
            "redis.url", RedisURL.form, default: nil,
            """
            Everything in one: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS. What it \
            leaves out has the default. Special characters in user and password are written as `%2F`.
            """)
        /// `redis.host`
        public static let host = ConfigurationKey(
            "redis.host", .host, default: "127.0.0.1", "Host name or address of Redis.")
        /// `redis.port`
        public static let port = ConfigurationKey("redis.port", .port, default: 6379, "Port of Redis.")
        /// `redis.username`
        public static let username = ConfigurationKey(
            "redis.username", .optionalText, default: nil, "User of Redis' access lists, if there is one.")
        /// `redis.password`
        public static let password = ConfigurationKey(
            "redis.password", .secret, default: Secret(), "Password of Redis, if it asks for one.")
        /// `redis.database`
        public static let database = ConfigurationKey(
            "redis.database", .integer(in: 0...1_000_000), default: 0, "Number of the database in Redis.")
        /// `redis.prefix`
        public static let prefix = ConfigurationKey(
            "redis.prefix", .name, default: "ids:",
            "Put before the name of each stream and key in Redis, so that several pipelines can share a server.")
        /// `redis.tls`
        public static let tls = ConfigurationKey(
            "redis.tls", .boolean, default: false,
            "Encrypts the connection and verifies the server's certificate and name.")
        /// `redis.ca_file`
        public static let caFile = ConfigurationKey(
            "redis.ca_file", .optionalPath, default: nil,
            "PEM file with the certificates to trust instead of the system's.")
        /// `redis.certificate_file`
        public static let certificateFile = ConfigurationKey(
            "redis.certificate_file", .optionalPath, default: nil,
            "PEM file with the certificate (and chain) that this client shows, if Redis asks for one.")
        /// `redis.key_file`
        public static let keyFile = ConfigurationKey(
            "redis.key_file", .optionalPath, default: nil, "PEM file with the private key of that certificate.")
        /// `redis.connect_timeout_ms`
        public static let connectTimeoutMilliseconds = ConfigurationKey(
            "redis.connect_timeout_ms", .milliseconds(in: 100...60_000), default: 5_000,
            "Longest time for a connection to be made, with TLS and log-in.")
        /// `redis.command_timeout_ms`
        public static let commandTimeoutMilliseconds = ConfigurationKey(
            "redis.command_timeout_ms", .milliseconds(in: 100...300_000), default: 10_000,
            "Longest time for an answer, on top of the time that a command blocks on purpose.")
        /// `redis.backoff_max_ms`
        public static let backoffMaxMilliseconds = ConfigurationKey(
            "redis.backoff_max_ms", .milliseconds(in: 10...300_000), default: 5_000,
            "Longest pause between two attempts to connect; pauses grow up to it and are jittered.")
        /// `redis.consumer_idle_max_ms`
        public static let consumerIdleMaxMilliseconds = ConfigurationKey(
            "redis.consumer_idle_max_ms", .milliseconds(in: 60_000...31_536_000_000), default: 86_400_000,
            "A consumer that has nothing pending and was silent for so long is removed from its group.")
        /// `redis.deliveries_max`
        public static let deliveriesMax = ConfigurationKey(
            "redis.deliveries_max", .integer(in: 2...1_000), default: 5,
            """
            How often a batch is delivered to services that end before they are done with it; after that it becomes a dead \
            letter, whole. Waiting for a store and orderly restarts do not count.
            """)
        /// `redis.dead_letters_max`
        public static let deadLettersMax = ConfigurationKey(
            "redis.dead_letters_max", .integer(in: 100...10_000_000), default: 10_000,
            "About how many dead letters are kept; the oldest are removed, and counted, beyond it.")
        /// `redis.dead_letter_bytes_max`
        public static let deadLetterBytesMax = ConfigurationKey(
            "redis.dead_letter_bytes_max", .bytes(in: (1 << 20)...(1 << 40)), default: 64 << 20,
            "Memory that dead letters may take in Redis; the older half is removed, and counted, beyond it.")
        /// `redis.memory_max_percent`
        public static let memoryMaxPercent = ConfigurationKey(
            "redis.memory_max_percent", .integer(in: 10...100), default: 80,
            """
            Share of Redis' `maxmemory` from which on no new events are put in, so that what is in can still be worked \
            on. Without `maxmemory` it means nothing.
            """)
    }

    /// The section `redis`.
    public static let section = ConfigurationSection(
        "redis", "The buffer between the services.",
        keys: [
            Keys.url.definition, Keys.host.definition, Keys.port.definition, Keys.username.definition,
            Keys.password.definition, Keys.database.definition, Keys.prefix.definition, Keys.tls.definition,
            Keys.caFile.definition, Keys.certificateFile.definition, Keys.keyFile.definition,
            Keys.connectTimeoutMilliseconds.definition, Keys.commandTimeoutMilliseconds.definition,
            Keys.backoffMaxMilliseconds.definition, Keys.consumerIdleMaxMilliseconds.definition,
            Keys.deliveriesMax.definition, Keys.deadLettersMax.definition, Keys.deadLetterBytesMax.definition,
            Keys.memoryMaxPercent.definition,
        ])
}
