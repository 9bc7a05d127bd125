/// Takes the body of a request piece by piece.
///
/// It is a value that travels between workers, which call one method at a time; each may block. The client is not read from
/// while more than ``HTTPLimits/uploadBufferBytesMax`` wait to be taken.
public protocol UploadConsumer: Sendable {
    /// Takes the next bytes.
    ///
    /// - Throws: a ``Refusal`` to answer with, or any other error for status 500; what follows is thrown away.
    mutating func take(_ piece: [UInt8]) throws

    /// The whole body has been taken.
    ///
    /// - Throws: as ``take(_:)``.
    mutating func finish() throws -> Answer

    /// The body will not be completed: the client has gone, or a method has thrown. What was stored of it is to be removed.
    mutating func abandon()
}
