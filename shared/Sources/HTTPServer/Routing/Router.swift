import HTTPTypes

/// All routes of a server, found by path and method.
public struct Router: Sendable {
    /// What was found for a request.
    enum Match {
        case route(Route, parameters: [String: String])
        /// The path is known, with these methods.
        case otherMethods([HTTPMethod])
        case nothing
    }

    /// The routes below one prefix of the path.
    private struct Node: Sendable {
        var routes: [Route] = []
        var children: [PathPattern.Segment: Node] = [:]

        mutating func add(_ route: Route, at segments: ArraySlice<PathPattern.Segment>) {
            if let segment = segments.first {
                children[segment, default: Node()].add(route, at: segments.dropFirst())
            } else {
                precondition(
                    !routes.contains { $0.method == route.method },
                    "two routes for \(route.method) of \(route.pattern)")
                routes.append(route)
            }
        }

        /// A literal segment takes precedence over a parameter, and a parameter over the rest of the path.
        func find(_ segments: ArraySlice<Substring>) -> Node? {
            guard let segment = segments.first else { return routes.isEmpty ? nil : self }
            let following = segments.dropFirst()
            return children[.literal(String(segment))]?.find(following)
                ?? (segment.isEmpty ? nil : children[.parameter]?.find(following))
                ?? children[.rest]
        }
    }

    private var root = Node()
    /// All routes, in the order in which they were added.
    private(set) var routes: [Route] = []

    /// A router for these routes; two for the same method and path are a programmer error.
    public init(_ routes: [Route] = []) {
        for route in routes { add(route) }
    }

    /// Adds a route.
    public mutating func add(_ route: Route) {
        root.add(route, at: route.pattern.segments[...])
        routes.append(route)
    }

    func match(_ method: HTTPMethod, _ path: String) -> Match {
        let segments = PathPattern.split(path)
        guard path.utf8.first == UInt8(ascii: "/"), let node = root.find(segments[...]) else { return .nothing }
        let find = { (method: HTTPMethod) in node.routes.first { $0.method == method } }
        if let route = find(method) ?? (method == .head ? find(.get) : nil) {
            return .route(route, parameters: route.pattern.parameters(of: segments))
        }
        return .otherMethods(node.routes.flatMap { $0.method == .get ? [.get, .head] : [$0.method] })
    }
}
