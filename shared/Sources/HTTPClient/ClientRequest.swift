public import HTTPTypes

/// A request to send: its head, its body, and whether it may be repeated.
public struct ClientRequest {
    /// The method; the URL (`http://` or `https://`, host, port, path and query, escaped as they are to be sent); and the header
    /// fields beyond those that HTTP itself needs.
    public var head: HTTPRequestHead
    /// The body; nil for none.
    public var body: (any HTTPBody)?
    /// Credentials for Basic authentication; never included in error messages.
    public var credentials: Credentials?
    /// Whether the client may send it once more by itself, when a kept connection ends before a byte of the answer:
    /// the server may have carried it out then.
    public var isRepeatable: Bool

    /// A request; nothing is sent before ``HTTPClient/send(_:tag:)``.
    public init(
        _ method: HTTPMethod, _ url: String, fields: HTTPFields = [:], body: (any HTTPBody)? = nil,
        isRepeatable: Bool = true
    ) {
        head = HTTPRequestHead(method, url, fields)
        self.body = body
        self.isRepeatable = isRepeatable
    }
}

/// A user name and its password.
public struct Credentials: Sendable {
    /// The user name.
    public var username: String
    /// The password.
    public var password: String

    /// A user name and its password.
    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

/// Authenticates requests.
public protocol RequestSigner: Sendable {
    /// Signs a request; called for each one just before it is sent, so that what it signs with may change while the client
    /// lives.
    ///
    /// - Throws: the reason why it cannot be signed; the request is then not sent.
    func sign(_ request: inout ClientRequest) throws

    /// Looks at the answer to a request that it has signed.
    ///
    /// - Returns: whether the server has refused nothing but the signature, and a new one is worth a try. The client then
    ///   sends the request once more, whatever its ``ClientRequest/isRepeatable`` says.
    func isToSignAgain(_ request: ClientRequest, after response: ClientResponse) -> Bool
}

extension RequestSigner {
    /// By default no: the same answer would come again.
    public func isToSignAgain(_ request: ClientRequest, after response: ClientResponse) -> Bool { false }
}

/// Ready-made signers.
public enum RequestSigners {
    /// Basic authentication with these credentials.
    public static func basic(username: String, password: String) -> any RequestSigner {
        Basic(credentials: Credentials(username: username, password: password))
    }

    private struct Basic: RequestSigner {
        let credentials: Credentials

        func sign(_ request: inout ClientRequest) {
            request.credentials = credentials
        }
    }
}

/// A complete answer.
public struct ClientResponse: Sendable {
    /// Status and header fields.
    public let head: HTTPResponseHead
    /// The wait that the server asked for (`Retry-After`, in seconds or as a date), in seconds; nil when it asked for none.
    public let retryAfterSeconds: Int?
    /// The body.
    public let body: [UInt8]
    /// How long it took from the beginning of the request to the end of the answer, in milliseconds.
    public let milliseconds: Int

    /// The status.
    public var status: HTTPStatus { head.status }

    /// An answer as if it had come from a server.
    public init(
        _ status: HTTPStatus, fields: HTTPFields = [:], retryAfterSeconds: Int? = nil, body: [UInt8] = [],
        milliseconds: Int = 0
    ) {
        self.milliseconds = milliseconds
        head = HTTPResponseHead(status, fields)
        self.retryAfterSeconds = retryAfterSeconds
        self.body = body
    }
}

/// How a request ended.
public struct HTTPCompletion {
    /// The caller's name for the request.
    public let tag: UInt64
    /// The complete answer, or why there is none.
    public let result: Result<ClientResponse, HTTPError>
}
