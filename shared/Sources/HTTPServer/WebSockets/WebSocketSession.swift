/// The program's side of one WebSocket. Every method is called on the server's thread and must not block.
public protocol WebSocketSession: AnyObject, Sendable {
    /// Identifies the client for ``HTTPLimits/webSocketsOfClientMax``: the key of a session or of an account.
    var clientName: String { get }

    /// The handshake is complete.
    func opened(_ socket: WebSocket)

    /// A complete message has arrived.
    func received(_ message: WebSocketMessage, on socket: WebSocket)

    /// The WebSocket has ended; nothing more is received or sent.
    func closed(_ socket: WebSocket)
}

extension WebSocketSession {
    /// By default messages are discarded.
    public func received(_ message: WebSocketMessage, on socket: WebSocket) {}

    /// By default nothing is done at the end.
    public func closed(_ socket: WebSocket) {}
}
