public import HTTPTypes

/// One method of one path pattern, and what answers it.
public struct Route: Sendable {
    /// Looks at who asks, before a byte of the body is taken; it may note the caller in the request.
    ///
    /// It runs on the server's thread and must not block.
    /// - Returns: the refusal, or nil to go on.
    public typealias Admission = @Sendable (inout ServerRequest) -> ServerResponse?

    enum Responder: Sendable {
        case onLoop(@Sendable (ServerRequest) -> Answer)
        case onWorker(bodyBytesMax: Int, @Sendable (ServerRequest) throws -> Answer)
        case upload(bytesMax: Int, @Sendable (ServerRequest) throws -> any UploadConsumer)
        case webSocket(subprotocols: [String], @Sendable (ServerRequest) throws -> any WebSocketSession)
    }

    let method: HTTPMethod
    let pattern: PathPattern
    let responder: Responder
    /// Names of request headers that libwebsockets does not know, and gives only to who asks for them by name.
    public var headerNames: [String] = []
    /// Who may; nil admits everybody.
    public var admission: Admission?

    /// An answer that is made at once, on the server's thread: for health, metrics and what lies in memory.
    ///
    /// - Parameter respond: must not block. A route for `GET` answers `HEAD`, too.
    public static func atOnce(
        _ method: HTTPMethod, _ pattern: String, _ respond: @escaping @Sendable (ServerRequest) -> Answer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .onLoop(respond))
    }

    /// An answer that takes time: on a thread of a bounded pool.
    ///
    /// - Parameters:
    ///   - bodyBytesMax: a longer body is refused with status 413 before it is read.
    ///   - respond: may block. What it throws ends the request: a ``Refusal`` with its answer, anything else with 500.
    public static func blocking(
        _ method: HTTPMethod, _ pattern: String, bodyBytesMax: Int = 1 << 20,
        _ respond: @escaping @Sendable (ServerRequest) throws -> Answer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .onWorker(bodyBytesMax: bodyBytesMax, respond))
    }

    /// A body that is taken piece by piece, and never lies in memory as a whole.
    ///
    /// - Parameters:
    ///   - bytesMax: a longer body is refused with status 413 before it is read.
    ///   - begin: makes what takes the body; on a thread of the pool, and throws as that of ``blocking(_:_:bodyBytesMax:_:)``.
    public static func upload(
        _ method: HTTPMethod, _ pattern: String, bytesMax: Int,
        _ begin: @escaping @Sendable (ServerRequest) throws -> any UploadConsumer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .upload(bytesMax: bytesMax, begin))
    }

    /// A WebSocket. A page of another origin is refused with status 403 before this is asked.
    ///
    /// - Parameters:
    ///   - subprotocols: the client must speak one of them; with none it need not name any.
    ///   - open: runs on the server's thread and must not block; throws a ``Refusal`` to answer the handshake with.
    public static func webSocket(
        _ pattern: String, subprotocols: [String] = [],
        _ open: @escaping @Sendable (ServerRequest) throws -> any WebSocketSession
    ) -> Route {
        Route(method: .get, pattern: PathPattern(pattern), responder: .webSocket(subprotocols: subprotocols, open))
    }

    /// How long the body may be.
    var bodyBytesMax: Int {
        switch responder {
        case .onLoop, .webSocket: 0
        case .onWorker(let bodyBytesMax, _): bodyBytesMax
        case .upload(let bytesMax, _): bytesMax
        }
    }
}

extension Route {
    /// Of a WebSocket; empty for other routes.
    var subprotocols: [String] {
        if case .webSocket(let subprotocols, _) = responder { subprotocols } else { [] }
    }
}
