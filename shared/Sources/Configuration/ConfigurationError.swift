/// One mistake in the configuration, for people.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it is; nil when it has no place, as a required key that nobody set.
    public let origin: ConfigurationOrigin?
    /// What is wrong and what is allowed.
    public let message: String
    /// The error that it comes from, whose words end the message; nil for none.
    public let cause: (any Error)?

    /// Describes a mistake.
    public init(_ message: String, at origin: ConfigurationOrigin? = nil, cause: (any Error)? = nil) {
        self.origin = origin
        self.message = message
        self.cause = cause
    }

    /// Whether place and message are the same.
    public static func == (left: ConfigurationError, right: ConfigurationError) -> Bool {
        (left.origin, left.message) == (right.origin, right.message)
    }

    /// `config.yaml:12: …`
    public var description: String {
        origin.map { "\($0): \(message)" } ?? message
    }
}
