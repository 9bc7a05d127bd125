import CWebSockets
import Glibc
import HTTPTypes

/// One client on the loop, from its connection to its end.
///
/// The library reads requests and passes on their parts; while an answer is on its way nothing more is read. Each extension has
/// one subject: requests, uploads, answers, WebSockets, and input that is no HTTP request.
final class HTTPConnection {
    enum State {
        /// For a request, or for the rest of its head.
        case waiting
        /// The body is arriving, and is kept in memory until it is complete.
        case collecting(ServerRequest, Route)
        /// The body is arriving, and is taken piece by piece.
        case uploading(UploadInProgress)
        /// A worker makes the answer.
        case working
        case answering(AnswerInProgress)
        /// The library has all of the answer.
        case answered
        /// The last answer has been sent; further input is discarded.
        case ending
        case webSocket(WebSocketConnection)
    }

    let handle: OpaquePointer
    /// Counts all connections: a smaller one is older.
    let number: UInt64
    let peer: Peer
    let isEncrypted: Bool
    let loop: HTTPLoop

    var state = State.waiting
    /// Whether the request is for the head of the answer alone.
    var isHeadOnly = false
    /// Whether the connection ends with the answer.
    var closesAfterAnswer = false
    /// How much of the body is still to come, in bytes.
    var bodyBytesLeft = 0
    var pace: TransferPace
    /// What a route for WebSockets has agreed to, until the handshake is done.
    var session: (any WebSocketSession)?
    /// Whether the client has sent the next request, or a part of it, before it had the answer to the last one.
    var isPipelined = false
    /// Whether a part of the request's body has been left unread.
    var isBodyUnread = false
    /// Whether reading goes on for a moment after the last answer.
    var isLingering = false
    private var isReading = true
    private var isTimed = false

    var key: ConnectionKey { ConnectionKey(handle: UInt(bitPattern: handle), number: number) }

    var isWaiting: Bool { if case .waiting = state { true } else { false } }
    var isUploading: Bool { if case .uploading = state { true } else { false } }
    var webSocket: WebSocketConnection? { if case .webSocket(let socket) = state { socket } else { nil } }

    init(_ handle: OpaquePointer, _ number: UInt64, _ peer: Peer, isEncrypted: Bool, _ loop: HTTPLoop) {
        self.handle = handle
        self.number = number
        self.peer = peer
        self.isEncrypted = isEncrypted
        self.loop = loop
        pace = TransferPace(loop.limits)
    }

    /// - Returns: 0, or -1 to close the connection.
    func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        switch reason {
        case LWS_CALLBACK_HTTP: goesOn(requestArrived())
        case LWS_CALLBACK_HTTP_BODY: goesOn(bodyArrived(bytes))
        case LWS_CALLBACK_HTTP_BODY_COMPLETION: goesOn(bodyEnded())
        case LWS_CALLBACK_HTTP_WRITEABLE: goesOn(writable())
        case LWS_CALLBACK_TIMER: goesOn(timeIsOver())
        case LWS_CALLBACK_RAW_RX: goesOn(foreignBytesArrived(bytes))
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: upgradeWanted()
        case LWS_CALLBACK_ESTABLISHED: goesOn(webSocketOpened())
        case LWS_CALLBACK_RECEIVE: webSocket?.received(bytes) ?? -1
        case LWS_CALLBACK_SERVER_WRITEABLE: webSocket?.writable() ?? 0
        default: 0
        }
    }

    private func goesOn(_ goesOn: Bool) -> Int32 { goesOn ? 0 : -1 }

    // MARK: - The end

    /// Closes it at once, whatever its state.
    func kill() {
        lws_set_timeout(handle, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC)
    }

    /// Closes it from outside of the library's calls, when what the library holds has been sent.
    func closeSoon() {
        state = .ending
        // The library does not always call back for a client that has gone, so only what is held is waited for.
        guard lws_partial_buffered(handle) != 0 else { return kill() }
        readsOn(true)
        lws_set_timeout(handle, PENDING_TIMEOUT_HTTP_CONTENT, Int32(clamping: loop.limits.transferTimeoutSeconds))
        lws_callback_on_writable(handle)
    }

    func serverStops() {
        switch state {
        case .waiting: closeSoon()
        case .webSocket(let socket): socket.close(code: UInt16(LWS_CLOSE_STATUS_GOINGAWAY.rawValue))
        default: closesAfterAnswer = true
        }
    }

    /// The library has closed it.
    func ended() {
        switch state {
        case .uploading(let upload): upload.connectionEnded()
        case .webSocket(let socket): socket.closed()
        default: break
        }
    }

    // MARK: - Time

    /// Whether the client is read from. While it is not, the library does not say that it can be written to either.
    func readsOn(_ isReading: Bool) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        lws_rx_flow_control(handle, isReading ? 1 : 0)
    }

    /// The client has to send or take something: silence ends the connection, and so does a slow pace.
    func waitsForClient() {
        lws_set_timeout(handle, PENDING_TIMEOUT_HTTP_CONTENT, Int32(clamping: loop.limits.transferTimeoutSeconds))
        guard !isTimed else { return }
        pace.restart()
        isTimed = true
        ring(afterSeconds: loop.limits.transferWindowSeconds)
    }

    /// The client waits for us, so its time is not limited.
    func waitsForUs() {
        lws_set_timeout(handle, NO_PENDING_TIMEOUT, 0)
        silence()
    }

    /// Has ``timeIsOver()`` called later; replaces an earlier request.
    func ring(afterSeconds seconds: Int) {
        lws_set_timer_usecs(handle, lws_usec_t(seconds) * 1_000_000)
    }

    /// The request cannot be cancelled, as the library would then call at once: the call is ignored when it comes.
    func silence() {
        isTimed = false
    }

    private func timeIsOver() -> Bool {
        if case .ending = state { return false }
        guard isTimed else { return true }
        if pace.isTooSlow() { return false }
        ring(afterSeconds: loop.limits.transferWindowSeconds)
        return true
    }
}
