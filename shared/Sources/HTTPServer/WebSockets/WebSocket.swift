/// The server's side of an open WebSocket; any thread may call any member, and nothing blocks.
///
/// Calls after its end have no effect.
public final class WebSocket: Sendable {
    private let mailbox: LoopMailbox
    private let key: ConnectionKey

    init(_ mailbox: LoopMailbox, _ key: ConnectionKey) {
        self.mailbox = mailbox
        self.key = key
    }

    /// Sends a message to this client alone. With 8 of them still untaken, the WebSocket is closed with code 1008.
    public func send(_ message: WebSocketMessage) {
        withConnection { $0.send(message) }
    }

    /// Sends what is broadcast from now on, starting with the newest snapshot; replaces another broadcast.
    public func subscribe(to broadcast: Broadcast) {
        withConnection { $0.subscribe(to: broadcast) }
    }

    /// Stops sending a broadcast.
    public func unsubscribe() {
        withConnection { $0.unsubscribe() }
    }

    /// Ends it with a close frame.
    ///
    /// - Parameter code: 1000 for a normal end, 1008 for a client that breaks a rule, 4000 and above as the program defines.
    public func close(code: UInt16 = 1000) {
        withConnection { $0.close(code: code) }
    }

    private func withConnection(_ body: @escaping @Sendable (WebSocketConnection) -> Void) {
        mailbox.post { [key] loop in
            if let socket = loop.connection(key)?.webSocket { body(socket) }
        }
    }
}
