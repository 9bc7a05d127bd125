/// What one client, and all clients together, may use.
public struct HTTPLimits: Sendable {
    /// Connections for requests at the same time; one more closes the oldest that waits for a request, so that clients who
    /// do nothing cannot keep others out.
    public var connectionsMax = 64
    /// WebSockets at the same time; one more is refused with status 503.
    public var webSocketsMax = 32
    /// WebSockets of one client, as its route names it; one more is refused with status 503.
    public var webSocketsOfClientMax = 8
    /// Uploads at the same time; one more is refused with status 503.
    public var uploadsMax = 2
    /// Bytes of an upload that wait to be taken; with more, reading from the client pauses.
    public var uploadBufferBytesMax = 512 * 1024
    /// Target and headers of a request; more is refused with status 431. Of headers that no route asks for only the library's
    /// bound counts, four times this: beyond it the connection is closed.
    public var requestHeaderBytesMax = 8192
    /// A message from a client over a WebSocket; a longer one closes it with code 1009.
    public var webSocketMessageBytesMax = 64 * 1024

    /// Time for a client to send the head of a request, the next bytes of a body, and to take the next bytes of an answer.
    public var transferTimeoutSeconds = 5
    /// Time for which a connection may stay open between two requests.
    public var idleTimeoutSeconds = 60
    /// Speed at which a client must send or take anything that needs longer than the window; a slower one is closed.
    public var transferBytesPerSecondMin = 16 * 1024
    /// Time over which that speed is measured.
    public var transferWindowSeconds = 30
    /// Time after which a silent WebSocket is sent a ping; it has half as long to answer.
    public var webSocketSilenceSeconds = 30
    /// Time for requests under way to be completed when the server stops.
    public var stopMilliseconds = 1000

    /// Threads for routes that may block.
    public var workerThreads = 2
    /// Requests that may wait for such a thread; one more is refused with status 503.
    public var waitingRequestsMax = 32
    /// `Retry-After` of an answer with status 503.
    public var retryAfterSeconds = 1

    /// The defaults.
    public init() {}
}
