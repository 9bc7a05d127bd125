/// One open WebSocket, seen from the program; any thread may call any member, and nothing blocks.
///
/// What is asked of one that has ended does nothing.
public final class WebSocket: Sendable {
    private let mailbox: LoopMailbox
    private let key: ConnectionKey

    init(_ mailbox: LoopMailbox, _ key: ConnectionKey) {
        self.mailbox = mailbox
        self.key = key
    }

    /// Sends a message to this client alone. A client that has not taken the last 8 of them is closed with code 1008.
    public func send(_ message: WebSocketMessage) {
        withConnection { $0.send(message) }
    }

    /// Sends what is broadcast from now on, beginning with the newest snapshot; takes the place of another broadcast.
    public func subscribe(to broadcast: Broadcast) {
        withConnection { $0.subscribe(to: broadcast) }
    }

    /// Sends nothing more of a broadcast.
    public func unsubscribe() {
        withConnection { $0.unsubscribe() }
    }

    /// Ends it with a close frame.
    ///
    /// - Parameter code: 1000 for a normal end, 1008 for a client that breaks a rule, 4000 and more as the program likes.
    public func close(code: UInt16 = 1000) {
        withConnection { $0.close(code: code) }
    }

    private func withConnection(_ body: @escaping @Sendable (WebSocketConnection) -> Void) {
        mailbox.post { [key] loop in
            if let socket = loop.connection(key)?.webSocket { body(socket) }
        }
    }
}
