public import HTTPTypes

/// The answer of a route.
public enum Answer: Sendable {
    /// All of it at once.
    case whole(ServerResponse)
    /// Piece by piece, each made when the client has taken the one before.
    ///
    /// With `byteCount` the length is sent before the body, and a body that turns out to be of another length is cut off;
    /// with nil the body is sent in chunks.
    case streamed(HTTPResponseHead, byteCount: Int?, any BodyProducer)
}

/// Makes the body of a streamed answer.
///
/// A value that is passed to a worker, which calls ``next()``, back to the loop, which sends the piece, and to a worker
/// again. It is not called while the client does not read.
public protocol BodyProducer: Sendable {
    /// The next piece of the body, ideally 16 to 64 KiB, or nil at the end. It may block.
    ///
    /// - Throws: any error when the rest is not available; the connection is then closed, which tells the client.
    mutating func next() throws -> [UInt8]?
}
