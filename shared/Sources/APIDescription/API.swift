public import HTTPServer
import HTTPTypes
import JSON

/// The operations of a service, as routes and as an OpenAPI document.
public struct API: Sendable {
    /// The title in the OpenAPI document.
    public let title: String
    /// The version in the OpenAPI document.
    public let version: String
    /// The prefix of all paths, such as `/api/v1`.
    public let prefix: String
    /// All operations.
    public let operations: [Operation]
    /// The cookie that holds a session's key, for the OpenAPI document.
    public let sessionCookie: String
    private let identify: @Sendable (ServerRequest) -> Caller?
    private let repeated = IdempotentRequests()

    /// An API.
    ///
    /// A wrong declaration is a programmer error and ends the process: two operations with the same name, an undeclared
    /// parameter in a path, a body where there cannot be one.
    ///
    /// - Parameter identify: finds the caller by cookie or token; it runs on the server's thread and must not block.
    public init(
        title: String, version: String, prefix: String, sessionCookie: String = "session", operations: [Operation],
        identify: @escaping @Sendable (ServerRequest) -> Caller?
    ) {
        self.title = title
        self.version = version
        self.prefix = prefix
        self.sessionCookie = sessionCookie
        self.operations = operations.map { operation in
            var operation = operation
            if operation.isIdempotentByKey { operation.parameters.append(IdempotentRequests.key) }
            return operation
        }
        self.identify = identify
        precondition(Set(operations.map(\.id)).count == operations.count, "two operations have one name")
        for operation in operations { operation.checkDeclaration() }
    }

    /// The routes of all operations, and of `/openapi.json`.
    public var routes: [Route] {
        let document = OpenAPIDocument(self).bytes
        let description = Route.atOnce(.get, "/openapi.json") { _ in
            .whole(ServerResponse(fields: ["content-type": "application/json"], body: document))
        }
        return operations.map(route) + [description]
    }

    private func route(_ operation: Operation) -> Route {
        let path = prefix + operation.path
        var route =
            switch operation.work {
            case .atOnce(let work):
                Route.atOnce(operation.method, path) { try work(Call($0)) }
            case .blocking(let work):
                Route.blocking(operation.method, path, bodyBytesMax: operation.bodyBytesMax) { [repeated] request in
                    try operation.checkBody(request)
                    guard operation.isIdempotentByKey else { return try work(Call(request)) }
                    return try repeated.answer(to: Call(request), of: operation.id, by: work)
                }
            case .upload(let work):
                Route.upload(operation.method, path, bytesMax: operation.bodyBytesMax) { try work(Call($0)) }
            case .webSocket(let subprotocols, let work):
                Route.webSocket(path, subprotocols: subprotocols) { try work(Call($0)) }
            }
        route.headerNames = operation.parameters.filter { $0.place == .header }.map(\.name)
        route.admission = { [identify] request in
            let caller = identify(request)
            request.caller = caller
            do throws(Refusal) {
                try operation.admit(caller, request)
                return nil
            } catch {
                return error.response
            }
        }
        return route
    }
}

extension Operation {
    fileprivate var bodyBytesMax: Int {
        switch body {
        case .json(_, let bytesMax), .bytes(_, let bytesMax): bytesMax
        case nil: 0
        }
    }

    /// Before a byte of the body is taken: who the caller is, and whether the parameters are valid.
    fileprivate func admit(_ caller: Caller?, _ request: ServerRequest) throws(Refusal) {
        if case .role(let role) = access {
            guard let caller else { throw Problem(.unauthorized, "log in first").refusal }
            guard caller.role >= role else {
                throw Problem(.forbidden, "this needs the role \(role.rawValue)").refusal
            }
        }
        for parameter in parameters { try parameter.check(request) }
        let known = parameters.filter { $0.place == .query }.map(\.name)
        if let other = request.query.first(where: { !known.contains($0.name) }) {
            throw Problem(.badRequest, "\(other.name) is no parameter of this operation", part: other.name).refusal
        }
        if case .json = body {
            let type = request.head.fields["content-type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
            guard type == "application/json" else {
                throw Problem(.unsupportedMediaType, "the body must be application/json").refusal
            }
        }
    }

    fileprivate func checkBody(_ request: ServerRequest) throws(Refusal) {
        guard case .json(let schema, _) = body else { return }
        var tree = JSONTree()
        let fault: Problem?
        do {
            fault = try request.body.withUnsafeBytes { bytes in
                let node = try tree.parse(bytes)
                do throws(SchemaError) {
                    try schema.check(node)
                    return nil
                } catch {
                    let place = error.pointer.isEmpty ? "the body" : error.pointer
                    return Problem(
                        .unprocessableContent, "\(place) must \(error.expectation)", part: error.pointer)
                }
            }
        } catch {
            fault = Problem(.badRequest, "the body is no JSON: \(error)")
        }
        if let fault { throw fault.refusal }
    }

    /// Programmer errors.
    fileprivate func checkDeclaration() {
        let inPath = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            segment.dropFirst().dropLast().prefix { $0 != "." }
        }
        let declared = parameters.filter { $0.place == .path }.map(\.name)
        precondition(Set(inPath.map(String.init)) == Set(declared), "\(id): the path and its parameters differ")
        switch (work, body) {
        case (.blocking, .json), (.blocking, nil), (.atOnce, nil), (.webSocket, nil), (.upload, .bytes): break
        default: preconditionFailure("\(id): a body of this kind is not taken in this way")
        }
    }
}
