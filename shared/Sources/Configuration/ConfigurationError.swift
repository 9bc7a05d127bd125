/// One mistake in the configuration, for people.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it is; nil when it has no place, as a required key that nobody set.
    public let origin: ConfigurationOrigin?
    /// What is wrong and what is allowed.
    public let message: String

    /// Describes a mistake.
    public init(_ message: String, at origin: ConfigurationOrigin? = nil) {
        self.origin = origin
        self.message = message
    }

    /// `config.yaml:12: …`
    public var description: String {
        origin.map { "\($0): \(message)" } ?? message
    }
}
