public import Logging

/// A key of AWS, as requests are signed with it.
public struct AWSCredentials: Sendable, Equatable {
    /// The name of the key, which travels with each request and is no secret.
    public var accessKeyID: String
    /// What signatures are made with; it never leaves the process.
    public var secretAccessKey: Secret
    /// What proves that a temporary key may be used; empty for a key that lasts.
    public var sessionToken: Secret
    /// When it ends, in seconds since 1970; nil when it does not.
    public var expiresAt: Int64?

    /// A key.
    public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret = Secret(), expiresAt: Int64? = nil)
    {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }
}

/// Has credentials for whoever signs.
public protocol CredentialProvider: Sendable {
    /// The credentials of this moment.
    ///
    /// - Throws: ``AWSError`` when there are none.
    func credentials() throws -> AWSCredentials

    /// Takes note that a server has called them expired.
    ///
    /// - Parameter accessKeyID: whose.
    /// - Returns: whether there may be others to sign with now.
    func refuse(_ accessKeyID: String) -> Bool
}

/// The same at every moment.
extension AWSCredentials: CredentialProvider {
    /// These.
    public func credentials() -> AWSCredentials { self }

    /// There are no others.
    public func refuse(_ accessKeyID: String) -> Bool { false }
}
