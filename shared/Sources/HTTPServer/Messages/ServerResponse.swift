public import HTTPTypes

/// A complete answer, small enough to be held in memory.
public struct ServerResponse: Sendable, Equatable {
    /// The status.
    public var status: HTTPStatus
    /// Header fields; `Content-Length` is added from the body.
    public var fields: HTTPFields
    /// The body; answers to HEAD have its length only. Answers that share an array share its memory.
    public var body: [UInt8]

    /// Creates an answer.
    public init(_ status: HTTPStatus = .ok, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// Creates an answer with a text.
    public init(_ status: HTTPStatus = .ok, contentType: String = "text/plain; charset=utf-8", text: String) {
        self.init(status, fields: ["content-type": contentType], body: Array(text.utf8))
    }
}

/// Thrown by a route to end a request with this answer.
public struct Refusal: Error {
    /// The answer that the client gets.
    public let response: ServerResponse

    /// A refusal with this answer.
    public init(_ response: ServerResponse) {
        self.response = response
    }
}
