public import HTTPServer
public import HTTPTypes
import JSON

/// What went wrong, for the calling program (RFC 9457); without places in the code or paths of this machine.
public struct Problem: Sendable, Equatable {
    /// The status of the answer.
    public var status: HTTPStatus
    /// What is wrong with this request, in one sentence.
    public var detail: String
    /// The part of the request that is wrong: the name of a parameter, or a JSON pointer into the body.
    public var part: String?
    /// Header fields that belong to it, such as `Retry-After`.
    public var fields: HTTPFields

    /// A problem with this status.
    public init(_ status: HTTPStatus, _ detail: String, part: String? = nil, fields: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.part = part
        self.fields = fields
    }

    /// The answer with this problem as its body.
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

    /// To be thrown by an operation: ends the request with this problem.
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
