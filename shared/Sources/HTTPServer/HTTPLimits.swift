/// What one client, and all of them, may take.
public struct HTTPLimits: Sendable {
    /// Connections at the same time; further ones are closed at once.
    public var connectionsMax = 64
    /// Request line and headers; a longer request is refused.
    public var requestHeaderBytesMax = 4096
    /// Time for a client to send its whole request, and to take the whole answer.
    public var transferTimeoutSeconds = 5
    /// Time for which a connection may stay open between two requests.
    public var idleTimeoutSeconds = 60

    /// The defaults.
    public init() {}
}
