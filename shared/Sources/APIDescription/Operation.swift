public import HTTPServer
public import HTTPTypes

/// An operation of an API: all that the router, the check of roles and the OpenAPI document need, declared once.
public struct Operation: Sendable {
    /// The body of a request.
    public enum Body: Sendable {
        /// JSON of this form.
        case json(JSONSchema, bytesMax: Int = 1 << 20)
        /// Bytes of this media type, taken piece by piece.
        case bytes(contentType: String, bytesMax: Int)
    }

    /// The content of an answer.
    public enum Content: Sendable {
        case nothing
        case json(JSONSchema)
        case bytes(contentType: String)
    }

    /// A successful answer.
    public struct Success: Sendable {
        let status: HTTPStatus
        let meaning: String
        let content: Content

        /// An answer with this status.
        public init(_ status: HTTPStatus, _ meaning: String, _ content: Content = .nothing) {
            self.status = status
            self.meaning = meaning
            self.content = content
        }
    }

    /// The code that carries out an operation. If it throws, the request is answered with the ``Problem`` that was thrown, or with
    /// status 500.
    public enum Work: Sendable {
        /// On the server's thread; must not block.
        case atOnce(@Sendable (Call) throws -> Answer)
        /// On a thread of the pool.
        case blocking(@Sendable (Call) throws -> Answer)
        /// On a thread of the pool, with a body of bytes.
        case upload(@Sendable (Call) throws -> any UploadConsumer)
        /// On the server's thread, for a WebSocket.
        case webSocket(subprotocols: [String], @Sendable (Call) throws -> any WebSocketSession)
    }

    /// The method.
    public let method: HTTPMethod
    /// The path below that of the API, with parameters in braces.
    public let path: String
    /// A unique name for programs, such as `listEvents`.
    public let id: String
    /// What it does, in one sentence.
    public let summary: String
    /// Who may call it.
    public let access: Access
    /// All parameters, including those in the path.
    public var parameters: [any DeclaredParameter] = []
    /// nil for an operation without a body.
    public var body: Body?
    /// The content of an answer.
    public let successes: [Success]
    /// Statuses of its own errors; those that come with its parameters, body and access are added automatically.
    public var errors: [HTTPStatus] = []
    /// The code that carries it out.
    public var work: Work

    /// An operation.
    public init(
        _ method: HTTPMethod, _ path: String, id: String, _ summary: String, access: Access,
        parameters: [any DeclaredParameter] = [], body: Body? = nil, returns successes: [Success],
        errors: [HTTPStatus] = [], _ work: Work
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.summary = summary
        self.access = access
        self.parameters = parameters
        self.body = body
        self.successes = successes
        self.errors = errors
        self.work = work
    }

    /// What it is about, for lists: the first part of its path, as `Dead letters` of `/dead-letters/{id}`.
    var tag: String {
        let words = path.split(separator: "/").first?.split(separator: "-").joined(separator: " ") ?? ""
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// Whether a client may say that a request is the same as one before: where something is made or done, and somebody is known
    /// whose request it is.
    var isIdempotentByKey: Bool {
        guard case .blocking = work, case .role = access else { return false }
        return method == .post
    }

    /// The statuses of all errors, without duplicates, in ascending order.
    var allErrors: [HTTPStatus] {
        var all = Set(errors)
        // A parameter that is not declared is refused everywhere.
        all.insert(.badRequest)
        if case .role = access { all.formUnion([.unauthorized, .forbidden]) }
        // The library ends a path at an encoded `?`, and the shorter one may be that of another operation.
        if parameters.contains(where: { $0.place == .path }) { all.insert(.methodNotAllowed) }
        // What is asked as any other resource, without the handshake.
        if case .webSocket = work { all.insert(HTTPStatus(426)) }
        if isIdempotentByKey { all.formUnion([.conflict, .unprocessableContent]) }
        switch body {
        case .json: all.formUnion([.lengthRequired, .contentTooLarge, .unsupportedMediaType, .unprocessableContent])
        case .bytes: all.formUnion([.lengthRequired, .contentTooLarge])
        case nil: break
        }
        switch work {
        case .atOnce: break
        case .blocking, .upload, .webSocket: all.insert(.serviceUnavailable)
        }
        return all.sorted { $0.code < $1.code }
    }
}

/// A request for an operation, with parameters and body already checked.
public struct Call: Sendable {
    /// The request itself.
    public let request: ServerRequest
    /// The caller; nil only where the access is open.
    public var caller: Caller? { request.caller as? Caller }

    init(_ request: ServerRequest) {
        self.request = request
    }

    /// The value of a parameter of the operation.
    ///
    /// - Throws: a refusal when the operation does not declare the parameter, and the request's value is missing or invalid.
    public subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        get throws(Refusal) { try parameter.value(in: request) }
    }
}
