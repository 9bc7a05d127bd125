/// Takes the body of a request piece by piece.
///
/// A value that is passed between workers, which call one method at a time; each may block. Reading from the client pauses
/// while more than ``HTTPLimits/uploadBufferBytesMax`` wait to be taken.
public protocol UploadConsumer: Sendable {
    /// Takes the next bytes.
    ///
    /// - Throws: a ``Refusal`` to answer with, or any other error for status 500; the rest of the body is discarded.
    mutating func take(_ piece: [UInt8]) throws

    /// The whole body has been taken.
    ///
    /// - Throws: as ``take(_:)``.
    mutating func finish() throws -> Answer

    /// The body will not be completed: the client has gone, or a method has thrown. Remove what was stored of it.
    mutating func abandon()
}
