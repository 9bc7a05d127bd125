/// Why a request to AWS cannot be signed or sent; without any secret.
public enum AWSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// This is no URL of `http` or `https`.
    case notSignable(String)

    /// For people.
    public var description: String {
        switch self {
        case .notSignable(let url): "\(url) is no URL with http:// or https:// and a host"
        }
    }
}
