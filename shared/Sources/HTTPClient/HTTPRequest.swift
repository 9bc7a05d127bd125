/// A request to send: the whole URL with its query, and the headers beyond those that HTTP itself needs.
public struct HTTPRequest {
    /// What to do with the resource.
    public enum Method: String, Sendable {
        /// Reads; has no body.
        case get = "GET"
        /// Hands the body over to be worked on.
        case post = "POST"
        /// Stores the body under the URL.
        case put = "PUT"
    }

    /// What to do.
    public var method: Method
    /// Where: `http://` or `https://`, host, port, path and query, escaped as they shall be sent.
    public var url: String
    /// Lines such as `Content-Type: application/json`.
    public var headers: [String]
    /// What is sent; nil sends nothing.
    public var body: (any HTTPBody)?
    /// Whether the client may send it once more by itself, when a kept connection ends before a byte of the answer:
    /// the server may have carried it out then.
    public var isRepeatable: Bool

    /// A request; nothing is sent before ``HTTPClient/send(_:tag:)``.
    public init(
        _ method: Method, _ url: String, headers: [String] = [], body: (any HTTPBody)? = nil, isRepeatable: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.isRepeatable = isRepeatable
    }
}

/// An answer that came whole.
public struct HTTPResponse: Sendable {
    /// The status code.
    public let status: Int
    /// The wait that the server asked for (`Retry-After`, in seconds or as a date), in seconds; nil when it asked none.
    public let retryAfterSeconds: Int?
    /// The body.
    public let body: [UInt8]

    /// An answer as if it had come from a server.
    public init(status: Int, retryAfterSeconds: Int? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfterSeconds = retryAfterSeconds
        self.body = body
    }
}

/// How a request ended.
public struct HTTPCompletion {
    /// The caller's name for the request.
    public let tag: UInt64
    /// A whole answer, or why there is none.
    public let result: Result<HTTPResponse, HTTPError>
}
