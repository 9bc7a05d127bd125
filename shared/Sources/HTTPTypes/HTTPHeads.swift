/// What a request says before its body.
public struct HTTPRequestHead: Sendable, Equatable {
    /// What to do.
    public var method: HTTPMethod
    /// With what: path and query, or a whole URL, escaped as it is sent.
    public var target: String
    /// What else there is to say.
    public var fields: HTTPFields

    /// A head.
    public init(_ method: HTTPMethod, _ target: String, _ fields: HTTPFields = [:]) {
        self.method = method
        self.target = target
        self.fields = fields
    }
}

/// What an answer says before its body.
public struct HTTPResponseHead: Sendable, Equatable {
    /// How it turned out.
    public var status: HTTPStatus
    /// What else there is to say.
    public var fields: HTTPFields

    /// A head.
    public init(_ status: HTTPStatus, _ fields: HTTPFields = [:]) {
        self.status = status
        self.fields = fields
    }
}
