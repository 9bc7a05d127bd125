import CWebSockets

/// One WebSocket on the loop.
final class WebSocketConnection {
    /// The most that the kernel may buffer for one client, in bytes: with more, a client that reads nothing would look like one
    /// that keeps up, and the memory is charged to this process.
    static let sendBufferBytes: Int32 = 32 * 1024
    /// A message leaves in pieces of this size, so that the library holds at most one of them for a slow client.
    private static let fragmentBytes = 16 * 1024
    private static let directMessagesMax = 8

    private let handle: OpaquePointer
    private let loop: HTTPLoop
    private let socket: WebSocket
    let session: any WebSocketSession

    private var incoming: [UInt8] = []
    private var direct: [WebSocketMessage] = []
    /// The message that is being sent, and how much of it has been.
    private var outgoing: (message: WebSocketMessage, sentBytes: Int)?
    private var subscription: (broadcast: Broadcast, place: Broadcast.Place)?
    private var closeCode: UInt16?

    init(_ handle: OpaquePointer, _ loop: HTTPLoop, _ session: any WebSocketSession, _ key: ConnectionKey) {
        self.handle = handle
        self.loop = loop
        self.session = session
        socket = WebSocket(loop.mailbox, key)
    }

    func opened() {
        session.opened(socket)
    }

    func closed() {
        session.closed(socket)
    }

    // MARK: - What the program asks for

    func send(_ message: WebSocketMessage) {
        guard direct.count < Self.directMessagesMax else { return close(code: 1008) }
        direct.append(message)
        lws_callback_on_writable(handle)
    }

    func subscribe(to broadcast: Broadcast) {
        loop.attach(to: broadcast)
        subscription = (broadcast, broadcast.beginning)
        lws_callback_on_writable(handle)
    }

    func unsubscribe() {
        subscription = nil
    }

    func close(code: UInt16) {
        closeCode = closeCode ?? code
        lws_callback_on_writable(handle)
    }

    func broadcastHasNews(_ broadcast: Broadcast) {
        if subscription?.broadcast === broadcast { lws_callback_on_writable(handle) }
    }

    // MARK: - What the library reports

    /// A piece of a message.
    ///
    /// - Returns: 0, or -1 to close the connection.
    func received(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        if lws_is_first_fragment(handle) != 0 { incoming = [] }
        guard incoming.count + bytes.count <= loop.limits.webSocketMessageBytesMax else {
            lws_close_reason(handle, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, nil, 0)
            return -1
        }
        incoming += bytes
        guard lws_is_final_fragment(handle) != 0, lws_remaining_packet_payload(handle) == 0 else { return 0 }
        let message =
            lws_frame_is_binary(handle) != 0
            ? WebSocketMessage(binary: incoming) : WebSocketMessage(utf8: incoming)
        incoming = []
        session.received(message, on: socket)
        return 0
    }

    /// The client can take more.
    ///
    /// - Returns: 0, or -1 to close the connection.
    func writable() -> Int32 {
        if let closeCode, outgoing == nil {
            lws_close_reason(handle, lws_close_status(rawValue: UInt32(closeCode)), nil, 0)
            return -1
        }
        if outgoing == nil { outgoing = next().map { ($0, 0) } }
        guard let (message, sentBytes) = outgoing else { return 0 }
        let count = min(message.bytes.count - sentBytes, Self.fragmentBytes)
        let isLast = sentBytes + count == message.bytes.count
        var kind =
            sentBytes > 0 ? LWS_WRITE_CONTINUATION : message.isText ? LWS_WRITE_TEXT : LWS_WRITE_BINARY
        if !isLast { kind = lws_write_protocol(rawValue: kind.rawValue | LWS_WRITE_NO_FIN.rawValue) }
        guard loop.write(message.bytes[sentBytes..<sentBytes + count], kind, handle) else { return -1 }
        outgoing = isLast ? nil : (message, sentBytes + count)
        lws_callback_on_writable(handle)
        return 0
    }

    private func next() -> WebSocketMessage? {
        if !direct.isEmpty { return direct.removeFirst() }
        guard let (broadcast, place) = subscription else { return nil }
        let step = broadcast.step(from: place)
        subscription = (broadcast, step.place)
        return step.message
    }
}
