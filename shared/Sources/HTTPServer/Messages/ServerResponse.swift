public import HTTPTypes

/// A whole answer, small enough to be held in memory.
public struct ServerResponse: Sendable, Equatable {
    /// How it turned out.
    public var status: HTTPStatus
    /// Header fields beside `Content-Length`, which is the body's.
    public var fields: HTTPFields
    /// The body; it is left out of answers to HEAD, but its length is not. Answers that share an array share its memory.
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
    /// What the client gets.
    public let response: ServerResponse

    /// A refusal with this answer.
    public init(_ response: ServerResponse) {
        self.response = response
    }
}
