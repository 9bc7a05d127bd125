/// A whole answer, small enough to be held in memory.
public struct HTTPResponse: Sendable, Equatable {
    /// Status code, 200 to 599.
    public var status: Int
    /// Value of the header `Content-Type`.
    public var contentType: String
    /// The body; it is left out of answers to HEAD, but its length is not.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// Creates an answer with a text.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", text: String) {
        self.init(status: status, contentType: contentType, body: Array(text.utf8))
    }
}
