import CWebSockets
import Glibc
import Lifecycle

/// The event loop of one server: the only owner of a libwebsockets context. It lives on one thread.
final class HTTPLoop {
    /// Most that is given to the kernel at once.
    private static let chunkBytes = 64 * 1024

    private let socket: ListeningSocket
    private let limits: HTTPLimits
    private let routes: [String: HTTPServer.Route]
    /// One entry and the empty one that ends the table.
    private let protocols: UnsafeMutablePointer<lws_protocols>
    /// Set while the loop runs.
    private var host: OpaquePointer?
    /// Oldest first.
    private var connections: [OpaquePointer] = []

    init(socket: ListeningSocket, limits: HTTPLimits, routes: [String: HTTPServer.Route]) {
        self.socket = socket
        self.limits = limits
        self.routes = routes
        protocols = .allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        // The name is a static string: it lives as long as the process.
        let name: StaticString = "http"
        protocols[0].name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        protocols[0].callback = handleEvent
        protocols[0].tx_packet_size = Self.chunkBytes
    }

    deinit {
        protocols.deallocate()
    }

    func run(until stop: StopSignal) throws(HTTPServerError) {
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.options = UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        info.protocols = UnsafePointer(protocols)
        info.user = Unmanaged.passUnretained(self).toOpaque()
        // Without this the library reserves memory for as many connections as the process may have descriptors.
        info.fd_limit_per_thread = UInt32(limits.connectionsMax + 16)
        info.max_http_header_pool = UInt16(limits.connectionsMax)
        info.max_http_header_data = UInt16(limits.requestHeaderBytesMax)
        info.timeout_secs = UInt32(limits.transferTimeoutSeconds)
        info.timeout_secs_ah_idle = UInt32(limits.transferTimeoutSeconds)
        info.keepalive_timeout = Int32(limits.idleTimeoutSeconds)

        guard let context = lws_create_context(&info) else {
            throw HTTPServerError(code: .system, description: "the HTTP server's library could not be started")
        }
        // Destroying it closes all connections, which calls back here: so it happens while the loop is alive.
        defer {
            lws_context_destroy(context)
            host = nil
        }
        host = lws_create_vhost(context, &info)
        // The library closes what it adopts, and so gets descriptors of its own.
        guard adopt(dup(socket.descriptor)), adopt(dup(stop.fileDescriptor)) else {
            throw HTTPServerError(code: .system, description: "no descriptor is left for the HTTP server")
        }
        while !stop.isStopped && lws_service(context, 0) >= 0 {}
    }

    private func adopt(_ descriptor: Int32) -> Bool {
        guard let host, descriptor >= 0 else { return false }
        var union = lws_sock_file_fd_type()
        union.filefd = descriptor
        return lws_adopt_descriptor_vhost(host, LWS_ADOPT_RAW_FILE_DESC, union, protocols[0].name, nil) != nil
    }

    // MARK: - Events

    /// - Returns: 0, or -1 to close the connection.
    fileprivate func handle(
        _ reason: lws_callback_reasons, _ connection: OpaquePointer, _ input: UnsafeMutableRawPointer?, _ count: Int
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RAW_RX_FILE:
            // Also called for the stop signal, when nobody waits to be accepted.
            accept()
            return 0
        case LWS_CALLBACK_HTTP:
            let path = UnsafeRawBufferPointer(start: input, count: count)
            return respond(to: String(decoding: path, as: UTF8.self), on: connection)
        // Neither WebSocket nor HTTP/2 is spoken here.
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return -1
        case LWS_CALLBACK_WSI_DESTROY:
            connections.removeAll { $0 == connection }
            return 0
        default: return 0
        }
    }

    /// Takes one waiting client. When there are too many, the oldest connection makes room, so that clients who do
    /// nothing cannot keep others out.
    private func accept() {
        let client = Glibc.accept(socket.descriptor, nil, nil)
        guard client >= 0 else { return }
        // The library takes adopted sockets as they are; a blocking one would let a slow client hold up all others.
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        _ = fcntl(client, F_SETFL, O_NONBLOCK)
        // Head and body are two writes: the second must not wait until the client has confirmed the first, 40 ms later.
        var one: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout.size(ofValue: one)))
        if connections.count >= limits.connectionsMax {
            lws_set_timeout(connections.removeFirst(), PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC)
        }
        // On failure the library has closed the descriptor.
        if let host, let connection = lws_adopt_socket_vhost(host, client) { connections.append(connection) }
    }

    private func respond(to path: String, on connection: OpaquePointer) -> Int32 {
        let isGet = lws_hdr_total_length(connection, WSI_TOKEN_GET_URI) > 0
        let isHead = lws_hdr_total_length(connection, WSI_TOKEN_HEAD_URI) > 0
        guard isGet || isHead else {
            return send(HTTPResponse(status: 405, text: "only GET and HEAD are answered\n"), true, connection)
        }
        let response = routes[path]?() ?? HTTPResponse(status: 404, text: "there is nothing at this path\n")
        return send(response, isGet, connection)
    }

    /// Hands the whole answer to the library, which keeps what the client does not take at once.
    private func send(_ response: HTTPResponse, _ sendsBody: Bool, _ connection: OpaquePointer) -> Int32 {
        guard sendHead(response, connection) else { return -1 }
        // For the whole answer; the library starts the time for the next request when it is sent.
        lws_set_timeout(connection, PENDING_TIMEOUT_HTTP_CONTENT, Int32(limits.transferTimeoutSeconds))
        if sendsBody && !response.body.isEmpty {
            let room = Int(lws_room_before_payload)
            var buffer = [UInt8](repeating: 0, count: room) + response.body
            let count = buffer.withUnsafeMutableBufferPointer { buffer in
                lws_write(connection, buffer.baseAddress.map { $0 + room }, response.body.count, LWS_WRITE_HTTP_FINAL)
            }
            guard count >= 0 else { return -1 }
        }
        return lws_http_transaction_completed(connection) == 0 ? 0 : -1
    }

    private func sendHead(_ response: HTTPResponse, _ connection: OpaquePointer) -> Bool {
        let room = Int(lws_room_before_payload)
        var buffer = [UInt8](repeating: 0, count: room + 1024)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            let start = base + room
            let end = base + buffer.count - 1
            var position: UnsafeMutablePointer<UInt8>? = start
            let status = UInt32(response.status) | UInt32(LWSAHH_FLAG_NO_SERVER_NAME)
            guard
                lws_add_http_common_headers(
                    connection, status, response.contentType, lws_filepos_t(response.body.count), &position, end) == 0
            else { return false }
            if response.status == 405 {
                let methods = "GET, HEAD"
                guard
                    lws_add_http_header_by_name(
                        connection, "allow:", methods, Int32(methods.utf8.count), &position, end) == 0
                else { return false }
            }
            return lws_finalize_write_http_header(connection, start, &position, end) == 0
        }
    }
}

/// A function and not a closure: what the C library calls must belong to no actor.
private func handleEvent(
    _ connection: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    guard let connection, let loop = lws_context_user(lws_get_context(connection)) else { return 0 }
    return Unmanaged<HTTPLoop>.fromOpaque(loop).takeUnretainedValue().handle(reason, connection, input, count)
}
