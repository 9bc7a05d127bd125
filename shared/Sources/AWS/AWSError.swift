import Logging

/// Why a request to AWS cannot be signed, or there are no credentials for it; without any secret.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public enum Code: Sendable {
        /// The URL is none of `http` or `https`.
        case notSignable
        /// A variable, a file or a profile says what cannot be: a person has to change it.
        case configuration
        /// Nothing names credentials.
        case noCredentials
        /// A session has ended that only a person can begin anew.
        case signInNeeded
        /// Whoever has the credentials does not answer, or not yet.
        case unavailable
        /// Whoever has the credentials refuses them.
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
