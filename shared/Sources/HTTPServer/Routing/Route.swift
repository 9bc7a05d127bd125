public import HTTPTypes

/// A method, a path pattern, and the code that answers requests for them.
public struct Route: Sendable {
    /// Checks the caller before a byte of the body is taken; it may note the caller in the request.
    ///
    /// It runs on the server's thread and must not block.
    /// - Returns: the refusal, or nil to admit the request.
    public typealias Admission = @Sendable (inout ServerRequest) -> ServerResponse?

    enum Responder: Sendable {
        case onLoop(@Sendable (ServerRequest) throws -> Answer)
        case onWorker(bodyBytesMax: Int, @Sendable (ServerRequest) throws -> Answer)
        case upload(bytesMax: Int, @Sendable (ServerRequest) throws -> any UploadConsumer)
        case webSocket(subprotocols: [String], @Sendable (ServerRequest) throws -> any WebSocketSession)
    }

    let method: HTTPMethod
    let pattern: PathPattern
    let responder: Responder
    /// Request headers that the route reads and libwebsockets does not know: it passes them on only when asked for them by name.
    public var headerNames: [String] = []
    /// Decides who may call the route; nil admits everybody.
    public var admission: Admission?

    /// A route that is answered at once, on the server's thread: for health, metrics and what is in memory.
    ///
    /// - Parameter respond: must not block; errors end the request as in ``blocking(_:_:bodyBytesMax:_:)``. A route for `GET` also
    ///   answers `HEAD`.
    public static func atOnce(
        _ method: HTTPMethod, _ pattern: String, _ respond: @escaping @Sendable (ServerRequest) throws -> Answer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .onLoop(respond))
    }

    /// A route whose answer takes time: it runs on a thread of a bounded pool.
    ///
    /// - Parameters:
    ///   - bodyBytesMax: a longer body is refused with status 413 before it is read.
    ///   - respond: may block. If it throws, the request ends: a ``Refusal`` with its answer, anything else with status 500.
    public static func blocking(
        _ method: HTTPMethod, _ pattern: String, bodyBytesMax: Int = 1 << 20,
        _ respond: @escaping @Sendable (ServerRequest) throws -> Answer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .onWorker(bodyBytesMax: bodyBytesMax, respond))
    }

    /// A route whose body is taken piece by piece, and is never in memory as a whole.
    ///
    /// - Parameters:
    ///   - bytesMax: a longer body is refused with status 413 before it is read.
    ///   - begin: makes the consumer of the body, on a thread of the pool; errors end the request as in
    ///     ``blocking(_:_:bodyBytesMax:_:)``.
    public static func upload(
        _ method: HTTPMethod, _ pattern: String, bytesMax: Int,
        _ begin: @escaping @Sendable (ServerRequest) throws -> any UploadConsumer
    ) -> Route {
        Route(method: method, pattern: PathPattern(pattern), responder: .upload(bytesMax: bytesMax, begin))
    }

    /// A WebSocket. A page of another origin is refused with status 403 before `open` is called.
    ///
    /// - Parameters:
    ///   - subprotocols: the client must offer one of them; if empty, it need not offer any.
    ///   - open: runs on the server's thread and must not block; throws a ``Refusal`` to answer the handshake with.
    public static func webSocket(
        _ pattern: String, subprotocols: [String] = [],
        _ open: @escaping @Sendable (ServerRequest) throws -> any WebSocketSession
    ) -> Route {
        Route(method: .get, pattern: PathPattern(pattern), responder: .webSocket(subprotocols: subprotocols, open))
    }

    /// The longest body, in bytes.
    var bodyBytesMax: Int {
        switch responder {
        case .onLoop, .webSocket: 0
        case .onWorker(let bodyBytesMax, _): bodyBytesMax
        case .upload(let bytesMax, _): bytesMax
        }
    }
}

extension Route {
    /// The subprotocols of a WebSocket; empty for other routes.
    var subprotocols: [String] {
        if case .webSocket(let subprotocols, _) = responder { subprotocols } else { [] }
    }
}
