import CWebSockets
import Glibc
import HTTPTypes
import Lifecycle

/// The event loop of one server: the only owner of a libwebsockets context. It lives on one thread.
final class HTTPLoop {
    /// What the program has configured the server with.
    struct Content {
        var router: Router
        var limits: HTTPLimits
        var fields: HTTPFields
        var origins: [String]
        var refusal: @Sendable (HTTPStatus, String) -> ServerResponse
        var log: @Sendable (String) -> Void
    }

    /// The most that the library is given at once, in bytes, and so the most that it keeps for a client that takes nothing.
    static let chunkBytes = 16 * 1024

    /// Descriptors of our own that the library polls for us.
    private enum Source {
        case listener(Int)
        case mailbox
        case stop
    }

    let content: Content
    let mailbox = LoopMailbox()
    let pool: WorkPool
    /// Request headers that routes have asked for by name.
    let headerNames: [String]

    private let listeners: [HTTPServer.OpenListener]
    private let memory = LibraryMemory()
    private let protocols: UnsafePointer<lws_protocols>
    /// The buffer from which everything is sent; libwebsockets writes frame heads before the payload.
    private let output: UnsafeMutableRawBufferPointer
    private var context: OpaquePointer?
    /// The library's name for a listener with its kind of transport, in the order of the listeners.
    private var hosts: [OpaquePointer] = []
    private var sources: [OpaquePointer: Source] = [:]
    private var connections: [OpaquePointer: HTTPConnection] = [:]
    private var broadcasts: [ObjectIdentifier: Broadcast] = [:]
    private var lastNumber: UInt64 = 0
    private var answered: [ConnectionKey] = []
    private var stopsAt: Deadline?
    /// Whether the library has called since the last turn of the loop.
    private var wasCalled = false

    var limits: HTTPLimits { content.limits }
    var isStopping: Bool { stopsAt != nil }

    init(_ listeners: [HTTPServer.OpenListener], _ content: Content) {
        self.listeners = listeners
        self.content = content
        pool = WorkPool(threadsMax: content.limits.workerThreads, waitingMax: content.limits.waitingRequestsMax)
        let routes = content.router.routes
        headerNames = Set(routes.flatMap(\.headerNames).map { $0.lowercased() }).sorted()
        protocols = memory.protocolTable(Set(routes.flatMap(\.subprotocols)).sorted(), handleEvent)
        output = .allocate(byteCount: Int(lws_room_before_payload) + Self.chunkBytes, alignment: 16)
    }

    deinit {
        output.deallocate()
    }

    func run(until stop: StopSignal) throws(HTTPServerError) {
        var info = contextInfo()
        guard let context = lws_create_context(&info) else {
            throw HTTPServerError(code: .system, description: "the HTTP server's library could not be started")
        }
        self.context = context
        defer {
            // Destroying it closes all connections, which calls back here: so it happens while the loop is alive.
            lws_context_destroy(context)
            self.context = nil
            endWork()
        }
        for (index, listener) in listeners.enumerated() { try open(listener, index, info) }
        guard adopt(mailbox.wakeUp.fileDescriptor, as: .mailbox), adopt(stop.fileDescriptor, as: .stop) else {
            throw HTTPServerError(code: .system, description: "no descriptor is left for the HTTP server")
        }
        var quietTurns = 0
        while !isDone && lws_service(context, 0) >= 0 {
            // In some states the library does not read what a client sends behind its request, and turns without pause
            // until the answer is complete. Turns in which nothing happens are therefore slowed down.
            quietTurns = wasCalled ? 0 : quietTurns + 1
            wasCalled = false
            if quietTurns > 8 { poll(nil, 0, 2) }
            for key in answered { connection(key)?.finish() }
            answered.removeAll(keepingCapacity: true)
        }
    }

    /// Ends the pool; work that is left in it learns that its connection is gone.
    private func endWork() {
        pool.stop()
        for work in mailbox.takeAll() { work(self) }
        for broadcast in broadcasts.values { broadcast.detach(mailbox) }
    }

    private var isDone: Bool {

        guard let stopsAt else { return false }
        return connections.isEmpty || stopsAt.hasPassed
    }

    // MARK: - Setting up

    private func contextInfo() -> lws_context_creation_info {
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        if listeners.contains(where: { $0.identity != nil }) {
            info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
        }
        info.protocols = protocols
        info.user = Unmanaged.passUnretained(self).toOpaque()
        // Without this the library reserves memory for as many connections as the process may have descriptors.
        info.fd_limit_per_thread = UInt32(clamping: limits.connectionsMax + limits.webSocketsMax + 16)
        info.max_http_header_pool = UInt16(clamping: limits.connectionsMax)
        // What does not fit is closed without an answer, so there is room to refuse what is too long.
        info.max_http_header_data = UInt16(clamping: 4 * limits.requestHeaderBytesMax)
        info.pt_serv_buf_size = UInt32(32 * 1024)
        info.timeout_secs = UInt32(clamping: limits.transferTimeoutSeconds)
        info.timeout_secs_ah_idle = UInt32(clamping: limits.transferTimeoutSeconds)
        info.keepalive_timeout = Int32(clamping: limits.idleTimeoutSeconds)
        info.retry_and_idle_policy = memory.silenceRule(seconds: limits.webSocketSilenceSeconds)
        return info
    }

    private func open(
        _ listener: HTTPServer.OpenListener, _ index: Int, _ info: lws_context_creation_info
    ) throws(HTTPServerError) {
        hosts.append(try host(listener, index, info))
        guard adopt(listener.socket.descriptor, as: .listener(index)) else {
            throw HTTPServerError(code: .system, description: "no descriptor is left for the HTTP server")
        }
    }

    /// For connections from now on. The library's name of before stays, because connections still hold it.
    func reloadIdentities() {
        let info = contextInfo()
        for (index, listener) in listeners.enumerated() where listener.identity != nil {
            do throws(HTTPServerError) {
                hosts[index] = try host(listener, index, info)
            } catch {
                content.log("\(error); the certificate of before goes on")
            }
        }
    }

    /// The library's name for a listener.
    private func host(
        _ listener: HTTPServer.OpenListener, _ index: Int, _ info: lws_context_creation_info
    ) throws(HTTPServerError) -> OpaquePointer {
        var info = info
        // What is no HTTP request, or has a method that the library does not know, is handed over as it came.
        info.options |= UInt64(LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG)
        info.vhost_name = memory.text("listener \(index)")
        if let identity = listener.identity {
            info.ssl_cert_filepath = memory.text(identity.certificateFile)
            info.ssl_private_key_filepath = memory.text(identity.keyFile)
            // The library's HTTP/2 fails when a client asks for much at once.
            info.alpn = memory.text("http/1.1")
        }
        guard let host = lws_create_vhost(context, &info) else {
            guard let identity = listener.identity else {
                throw HTTPServerError(code: .system, description: "the HTTP server's library could not be started")
            }
            throw HTTPServerError(
                code: .identity,
                description: "TLS cannot be served with the certificate \(identity.certificateFile) "
                    + "and the key \(identity.keyFile)")
        }
        return host
    }

    /// The library closes what it adopts, and so gets descriptors of its own.
    private func adopt(_ descriptor: Int32, as source: Source) -> Bool {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0, let host = hosts.first else { return false }
        var union = lws_sock_file_fd_type()
        union.filefd = copy
        guard
            let handle = lws_adopt_descriptor_vhost(host, LWS_ADOPT_RAW_FILE_DESC, union, protocols[0].name, nil)
        else { return false }
        sources[handle] = source
        return true
    }

    // MARK: - Events

    /// - Returns: 0, or -1 to close the connection.
    fileprivate func handle(
        _ reason: lws_callback_reasons, _ handle: OpaquePointer, _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        // It says again and again that a body has ended when it does not know what to do with what follows.
        if reason != LWS_CALLBACK_HTTP_BODY_COMPLETION { wasCalled = true }
        switch reason {
        case LWS_CALLBACK_RAW_RX_FILE: return sources[handle].map { isReadable($0) } ?? 0
        case LWS_CALLBACK_WSI_DESTROY:
            sources[handle] = nil
            connections.removeValue(forKey: handle)?.ended()
            if isStopping { mailbox.wakeUp.wake() }
            return 0
        case LWS_CALLBACK_TIMER where sources[handle] != nil:
            mailbox.wakeUp.wake()
            return 0
        default:
            return connections[handle]?.handle(reason, UnsafeRawBufferPointer(start: input, count: count)) ?? 0
        }
    }

    private func isReadable(_ source: Source) -> Int32 {
        switch source {
        case .listener(let index):
            if isStopping { return -1 }
            accept(at: index)
            return 0
        case .mailbox:
            for work in mailbox.takeAll() { work(self) }
            return 0
        case .stop:
            beginToStop()
            // It stays readable, so it must not be polled again.
            return -1
        }
    }

    private func accept(at index: Int) {
        let listener = listeners[index]
        let client = Glibc.accept(listener.socket.descriptor, nil, nil)
        guard client >= 0 else { return }
        // The library takes adopted sockets as they are; a blocking one would let a slow client hold up all others.
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        // An answer takes several writes: none may wait for the client to confirm the last one, up to 40 ms later.
        setOption(client, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // Left to itself the kernel keeps megabytes for a client that does not read.
        setOption(client, SOL_SOCKET, SO_SNDBUF, 64 * 1024)
        guard let peer = Peer(connectedTo: client, overUnixSocket: listener.socket.isInFileSystem), makeRoom() else {
            close(client)
            return
        }
        // On failure the library has closed the descriptor.
        guard let handle = lws_adopt_socket_vhost(hosts[index], client) else { return }
        lastNumber += 1
        connections[handle] = HTTPConnection(handle, lastNumber, peer, isEncrypted: listener.identity != nil, self)
    }

    /// When there are too many, the oldest connection that waits for a request makes room.
    private func makeRoom() -> Bool {
        let others = connections.values.filter { $0.webSocket == nil }
        guard others.count >= limits.connectionsMax else { return true }
        guard let oldest = others.filter(\.isWaiting).min(by: { $0.number < $1.number }) else { return false }
        oldest.kill()
        return true
    }

    private func beginToStop() {
        stopsAt = .milliseconds(limits.stopMilliseconds)
        for (handle, source) in sources {
            switch source {
            case .listener: lws_set_timeout(handle, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC)
            // After a timeout the library polls once more before it returns; this timer wakes it when the time to stop is over.
            case .mailbox: lws_set_timer_usecs(handle, lws_usec_t(limits.stopMilliseconds) * 1000)
            case .stop: break
            }
        }
        for connection in connections.values { connection.serverStops() }
    }

    // MARK: - For connections

    func connection(_ key: ConnectionKey) -> HTTPConnection? {
        guard let handle = OpaquePointer(bitPattern: key.handle), let connection = connections[handle],
            connection.number == key.number
        else { return nil }
        return connection
    }

    /// Lets the connection go on to its next request once the library has returned.
    func afterTurn(_ key: ConnectionKey) {
        answered.append(key)
    }

    var webSocketCount: Int { connections.values.count { $0.webSocket != nil } }

    var uploadCount: Int { connections.values.count(where: \.isUploading) }

    func webSocketCount(of clientName: String) -> Int {
        connections.values.count { $0.webSocket?.session.clientName == clientName }
    }

    /// Removes what an upload has stored, on a worker as long as there are any.
    func abandon(_ consumer: any UploadConsumer) {
        let abandon: WorkPool.Job = {
            var consumer = consumer
            consumer.abandon()
        }
        if !pool.goOn(abandon) { abandon() }
    }

    func attach(to broadcast: Broadcast) {
        broadcasts[ObjectIdentifier(broadcast)] = broadcast
        broadcast.attach(mailbox)
    }

    func broadcastHasNews(_ broadcast: Broadcast) {
        broadcast.noteThatLoopLooks()
        for connection in connections.values { connection.webSocket?.broadcastHasNews(broadcast) }
    }

    /// Hands bytes to the library, at most ``chunkBytes``.
    ///
    /// - Returns: false when the connection is broken.
    func write(_ bytes: ArraySlice<UInt8>, _ kind: lws_write_protocol, _ handle: OpaquePointer) -> Bool {
        bytes.withUnsafeBytes { bytes in
            write(kind, handle) { room in
                room.copyMemory(from: bytes)
                return bytes.count
            }
        }
    }

    /// Hands over what `fill` has written into the buffer.
    func write(
        _ kind: lws_write_protocol, _ handle: OpaquePointer, fill: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Bool {
        let room = UnsafeMutableRawBufferPointer(rebasing: output[Int(lws_room_before_payload)...])
        let count = fill(room)
        return lws_write(handle, room.baseAddress?.assumingMemoryBound(to: UInt8.self), count, kind) >= 0
    }

    func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout.size(ofValue: value)))
    }
}

/// A function and not a closure: what the C library calls must not be isolated to an actor.
private func handleEvent(
    _ handle: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    guard let handle, let loop = lws_context_user(lws_get_context(handle)) else { return 0 }
    return Unmanaged<HTTPLoop>.fromOpaque(loop).takeUnretainedValue().handle(reason, handle, input, count)
}
