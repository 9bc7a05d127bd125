import Logging

/// Why a request to AWS cannot be signed, or has no credentials; never contains a secret.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public enum Code: Sendable {
        /// The URL is neither `http` nor `https`.
        case notSignable
        /// A variable, a file or a profile is invalid: an operator has to change it.
        case configuration
        /// No credentials are configured.
        case noCredentials
        /// A session has expired, and only a person can sign in again.
        case signInNeeded
        /// The source of the credentials does not answer, or not yet.
        case unavailable
        /// The source of the credentials refuses to give them.
        case refused
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what helps, for people.
    public let message: String
    /// The error that this one stands for; nil when there is none.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// Whether both say the same.
    public static func == (left: AWSError, right: AWSError) -> Bool {
        left.code == right.code && left.description == right.description
    }

    static func notSignable(_ url: String) -> AWSError {
        AWSError(
            .notSignable, "\(Secret.withholdingCredentials(in: url)) is no URL with http:// or https:// and a host")
    }

    /// The message, and the cause's.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }
}
