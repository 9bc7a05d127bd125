public import HTTPTypes

/// A request as a route sees it.
public struct ServerRequest: Sendable {
    /// Method, target and header fields.
    public let head: HTTPRequestHead
    /// The path, decoded: what the route's pattern was compared with.
    public let path: String
    /// The query, decoded.
    public let query: HTTPQuery
    /// The other end of the connection.
    public let peer: Peer
    /// The values of the pattern's parameters.
    public internal(set) var parameters: [String: String] = [:]
    /// The whole body; empty for routes that take theirs piece by piece.
    public internal(set) var body: [UInt8] = []
    /// The caller, if the route's admission has set one.
    public var caller: (any Sendable)?

    /// The method.
    public var method: HTTPMethod { head.method }

    /// A request as if it had come over the network.
    public init(
        _ method: HTTPMethod, path: String, query: HTTPQuery = HTTPQuery(), fields: HTTPFields = [:],
        peer: Peer, parameters: [String: String] = [:], body: [UInt8] = []
    ) {
        let target = PercentEncoding.encode(path, keeping: "/") + (query.isEmpty ? "" : "?" + query.encoded)
        head = HTTPRequestHead(method, target, fields)
        self.path = path
        self.query = query
        self.peer = peer
        self.parameters = parameters
        self.body = body
    }
}
