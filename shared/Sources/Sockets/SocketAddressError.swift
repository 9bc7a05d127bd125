/// A host that has no address.
public struct SocketAddressError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system's words, for people.
    public let reason: String

    /// The same.
    public var description: String { reason }
}
