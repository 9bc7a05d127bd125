/// What a program does with one WebSocket. All is called on the server's thread and must not block.
public protocol WebSocketSession: AnyObject, Sendable {
    /// Whose WebSocket it is, for ``HTTPLimits/webSocketsOfClientMax``: the key of a session or of an account.
    var clientName: String { get }

    /// The handshake is done.
    func opened(_ socket: WebSocket)

    /// A message has come, whole.
    func received(_ message: WebSocketMessage, on socket: WebSocket)

    /// It has ended; nothing more is received or sent.
    func closed(_ socket: WebSocket)
}

extension WebSocketSession {
    /// What clients say is thrown away.
    public func received(_ message: WebSocketMessage, on socket: WebSocket) {}

    /// Nothing is done at the end.
    public func closed(_ socket: WebSocket) {}
}
