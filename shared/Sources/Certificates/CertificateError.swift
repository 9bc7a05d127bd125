/// A key or certificate that cannot be made or read.
public struct CertificateError: Error, Sendable, CustomStringConvertible {
    /// What cannot be done, in words for people.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
