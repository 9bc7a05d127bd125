public import HTTPServer
public import HTTPTypes
import JSON

/// What went wrong, for the program that asked (RFC 9457); without places in the code and paths of the machine.
public struct Problem: Sendable, Equatable {
    /// How the request turned out.
    public var status: HTTPStatus
    /// What is wrong with this request, in a sentence.
    public var detail: String
    /// The part of the request that is wrong: the name of a parameter, or a JSON pointer into the body.
    public var part: String?
    /// Header fields that belong to it, as `Retry-After`.
    public var fields: HTTPFields

    /// A problem with this status.
    public init(_ status: HTTPStatus, _ detail: String, part: String? = nil, fields: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.part = part
        self.fields = fields
    }

    /// The answer that says so.
    public var response: ServerResponse {
        let body = JSONWriter.object { object in
            object.member("title", status.reason)
            object.member("status", status.code)
            object.member("detail", detail)
            if let part { object.member("part", part) }
        }
        var fields = fields
        fields["content-type"] = "application/problem+json"
        return ServerResponse(status, fields: fields, body: body)
    }

    /// Thrown by an operation to end a request with it.
    public var refusal: Refusal { Refusal(response) }

    /// For the refusals of the server itself.
    @Sendable public static func response(_ status: HTTPStatus, _ detail: String) -> ServerResponse {
        Problem(status, detail).response
    }

    static let schema = JSONSchema.object([
        .required("title", .text()), .required("status", .integer(100...599)), .required("detail", .text()),
        .optional("part", .text()),
    ])
}
