public import HTTPServer
public import HTTPTypes

/// One thing that can be done over an API: all that the router, the check of roles and the description need, once.
public struct Operation: Sendable {
    /// What a request may bring.
    public enum Body: Sendable {
        /// JSON of this form.
        case json(JSONSchema, bytesMax: Int = 1 << 20)
        /// Bytes of this kind, taken piece by piece.
        case bytes(contentType: String, bytesMax: Int)
    }

    /// What comes back.
    public enum Content: Sendable {
        case nothing
        case json(JSONSchema)
        case bytes(contentType: String)
    }

    /// An answer that is no error.
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

    /// What is done. What it throws ends the request: the refusal of a ``Problem``, or status 500.
    public enum Work: Sendable {
        /// On the server's thread; must not block.
        case atOnce(@Sendable (Call) throws -> Answer)
        /// On a thread of the pool.
        case blocking(@Sendable (Call) throws -> Answer)
        /// On the pool, with a body of bytes.
        case upload(@Sendable (Call) throws -> any UploadConsumer)
        /// A WebSocket; on the server's thread.
        case webSocket(subprotocols: [String], @Sendable (Call) throws -> any WebSocketSession)
    }

    /// The method.
    public let method: HTTPMethod
    /// The path below that of the API, with parameters in braces.
    public let path: String
    /// A name for programs, `listEvents`; each is there once.
    public let id: String
    /// What it does, in a sentence.
    public let summary: String
    /// Who may.
    public let access: Access
    /// All parameters, those in the path as well.
    public var parameters: [any DeclaredParameter] = []
    /// nil for an operation without a body.
    public var body: Body?
    /// What comes back.
    public let successes: [Success]
    /// Statuses of the errors of its own; those that come with its parameters, body and access are known.
    public var errors: [HTTPStatus] = []
    /// What is done.
    public let work: Work

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

    /// The statuses of all errors, each once, in their order.
    var allErrors: [HTTPStatus] {
        var all = Set(errors)
        if !parameters.isEmpty { all.insert(.badRequest) }
        if case .role = access { all.formUnion([.unauthorized, .forbidden]) }
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

/// A request for an operation, whose parameters and body are of the described form.
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
    /// - Throws: a refusal, for one that the operation does not have.
    public subscript<Value>(_ parameter: Parameter<Value>) -> Value {
        get throws(Refusal) { try parameter.value(in: request) }
    }
}
