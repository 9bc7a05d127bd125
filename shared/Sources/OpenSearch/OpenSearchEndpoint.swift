/// The address of an OpenSearch, and the URLs of its resources.
public struct OpenSearchEndpoint: Sendable {
    private let base: Substring

    /// - Parameter url: `http://HOST[:PORT][/PATH]` or `https://…`, with or without slashes at its end.
    public init(_ url: String) {
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
    }

    /// The URL of a path with its query.
    public func url(_ path: String) -> String { "\(base)/\(path)" }
}
