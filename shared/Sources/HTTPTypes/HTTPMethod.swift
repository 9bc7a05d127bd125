/// What a request wants done with its target.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is sent, in upper case.
    public let name: String

    /// A method by its name; names are compared as they are written.
    public init(_ name: String) {
        self.name = name
    }

    /// Reads.
    public static let get = HTTPMethod("GET")
    /// Reads the head of what `GET` would give.
    public static let head = HTTPMethod("HEAD")
    /// Hands the body over to be worked on.
    public static let post = HTTPMethod("POST")
    /// Stores the body under the target.
    public static let put = HTTPMethod("PUT")
    /// Changes a part of what is stored under the target.
    public static let patch = HTTPMethod("PATCH")
    /// Removes what is stored under the target.
    public static let delete = HTTPMethod("DELETE")
    /// Asks what may be done with the target.
    public static let options = HTTPMethod("OPTIONS")

    /// The name.
    public var description: String { name }

    /// Whether a request with this method and without a length has forgotten it, and not left its body out.
    public var requiresContentLength: Bool { self == .post || self == .put || self == .patch }
}
