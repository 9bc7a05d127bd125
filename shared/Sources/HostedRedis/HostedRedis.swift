public import RedisStreams
public import ServiceHost
public import Settings

extension ServiceHost {
    /// The way of this process to Redis, whose state `/readyz` shows. Nothing is connected before its first use.
    public func redisLink(_ settings: RedisSettings) -> RedisLink {
        let link = RedisLink(RedisOptions(settings), service: name, stop: stop, logger: logger, metrics: metrics)
        link.showState(in: readiness)
        return link
    }
}

extension RedisOptions {
    /// What the section `redis` says.
    public init(_ settings: RedisSettings) {
        self.init(host: settings.host, port: settings.port)
        username = settings.username
        password = settings.password
        database = settings.database
        prefix = settings.prefix
        usesTLS = settings.usesTLS
        caFile = settings.caFile
        certificateFile = settings.certificateFile
        keyFile = settings.keyFile
        connectTimeoutMilliseconds = settings.connectTimeoutMilliseconds
        commandTimeoutMilliseconds = settings.commandTimeoutMilliseconds
        backoffMaxMilliseconds = settings.backoffMaxMilliseconds
        consumerIdleMaxMilliseconds = settings.consumerIdleMaxMilliseconds
        deliveriesMax = settings.deliveriesMax
        deadLettersMax = settings.deadLettersMax
        deadLetterBytesMax = settings.deadLetterBytesMax
        memoryMaxPercent = settings.memoryMaxPercent
    }
}
