import HTTPTypes
import JSON

/// The description of an API for programs, in OpenAPI 3.1.
struct OpenAPIDocument {
    let bytes: [UInt8]

    init(_ api: API) {
        bytes = JSONWriter.object { document in
            document.member("openapi", "3.1.0")
            document.object("info") { info in
                info.member("title", api.title)
                info.member("version", api.version)
            }
            document.object("paths") { paths in
                for (path, operations) in Self.byPath(api.operations) {
                    paths.object(api.prefix + Self.template(path)) { item in
                        for operation in operations { Self.write(operation, to: &item) }
                    }
                }
            }
            document.object("components") { components in
                components.object("schemas") { schemas in
                    schemas.member("Problem", Problem.schema)
                    for (name, schema) in Self.named(api.operations).sorted(by: { $0.key < $1.key }) {
                        schemas.member(name, schema)
                    }
                }
                components.object("securitySchemes") { schemes in
                    schemes.object("session") { scheme in
                        scheme.member("type", "apiKey")
                        scheme.member("in", "cookie")
                        scheme.member("name", api.sessionCookie)
                    }
                    schemes.object("token") { scheme in
                        scheme.member("type", "http")
                        scheme.member("scheme", "bearer")
                    }
                }
            }
        }
    }

    /// OpenAPI has no parameter for all that follows; it is described as one segment.
    private static func template(_ path: String) -> String {
        path.hasSuffix("...}") ? path.dropLast(4) + "}" : path
    }

    /// In the order of their first operations.
    private static func byPath(_ operations: [Operation]) -> [(path: String, operations: [Operation])] {
        var groups: [(path: String, operations: [Operation])] = []
        for operation in operations {
            if let index = groups.firstIndex(where: { $0.path == operation.path }) {
                groups[index].operations.append(operation)
            } else {
                groups.append((operation.path, [operation]))
            }
        }
        return groups
    }

    private static func named(_ operations: [Operation]) -> [String: JSONSchema] {
        var found: [String: JSONSchema] = [:]
        for operation in operations {
            var schemas = operation.parameters.map(\.schema)
            if case .json(let schema, _) = operation.body { schemas.append(schema) }
            for success in operation.successes {
                if case .json(let schema) = success.content { schemas.append(schema) }
            }
            for schema in schemas { found.merge(schema.named) { first, _ in first } }
        }
        return found
    }

    private static func write(_ operation: Operation, to item: inout JSONWriter) {
        item.object(operation.method.name.lowercased()) { object in
            object.member("operationId", operation.id)
            object.member("summary", operation.summary)
            object.member("tags", [operation.tag])
            switch operation.access {
            case .open: object.array("security") { _ in }
            case .role(let role):
                object.member("x-role", role.rawValue)
                object.array("security") { ways in
                    for way in ["session", "token"] { ways.object { $0.array(way) { _ in } } }
                }
            }
            if !operation.parameters.isEmpty {
                object.array("parameters") { list in
                    for parameter in operation.parameters { write(parameter, to: &list) }
                }
            }
            write(operation.body, to: &object)
            object.object("responses") { responses in
                if case .webSocket = operation.work {
                    responses.object("101") { $0.member("description", "The WebSocket is open.") }
                }
                for success in operation.successes { write(success, to: &responses) }
                for status in operation.allErrors {
                    responses.object("\(status.code)") { response in
                        response.member("description", status.reason)
                        writeContent("application/problem+json", .named("Problem", Problem.schema), to: &response)
                    }
                }
            }
        }
    }

    private static func write(_ parameter: any DeclaredParameter, to list: inout JSONWriter) {
        list.object { object in
            object.member("name", parameter.name)
            object.member("in", parameter.place.rawValue)
            object.member("description", parameter.meaning)
            object.member("required", parameter.isRequired)
            object.member("schema", parameter.schema)
        }
    }

    private static func write(_ body: Operation.Body?, to object: inout JSONWriter) {
        guard let body else { return }
        object.object("requestBody") { request in
            request.member("required", true)
            switch body {
            case .json(let schema, _): writeContent("application/json", schema, to: &request)
            case .bytes(let contentType, _): writeContent(contentType, nil, to: &request)
            }
        }
    }

    private static func write(_ success: Operation.Success, to responses: inout JSONWriter) {
        responses.object("\(success.status.code)") { response in
            response.member("description", success.meaning)
            switch success.content {
            case .nothing: break
            case .json(let schema): writeContent("application/json", schema, to: &response)
            case .bytes(let contentType): writeContent(contentType, nil, to: &response)
            }
        }
    }

    private static func writeContent(_ type: String, _ schema: JSONSchema?, to object: inout JSONWriter) {
        object.object("content") { content in
            content.object(type) { media in
                if let schema { media.member("schema", schema) }
            }
        }
    }
}
