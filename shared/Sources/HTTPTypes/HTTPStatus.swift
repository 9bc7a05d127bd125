/// How an answer turned out.
public struct HTTPStatus: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The number, 100 to 599.
    public let code: Int

    /// A status by its number.
    public init(_ code: Int) {
        self.code = code
    }

    /// A status by its number.
    public init(integerLiteral code: Int) {
        self.init(code)
    }

    /// Done.
    public static let ok: HTTPStatus = 200
    /// Made, or stored for the first time.
    public static let created: HTTPStatus = 201
    /// Begun; the end is to be asked for.
    public static let accepted: HTTPStatus = 202
    /// Done, and there is nothing to say.
    public static let noContent: HTTPStatus = 204
    /// The bytes that `Range` asked for.
    public static let partialContent: HTTPStatus = 206
    /// What the client has is still true.
    public static let notModified: HTTPStatus = 304
    /// The request cannot be understood.
    public static let badRequest: HTTPStatus = 400
    /// Who asks is unknown.
    public static let unauthorized: HTTPStatus = 401
    /// Who asks may not.
    public static let forbidden: HTTPStatus = 403
    /// There is nothing at this path.
    public static let notFound: HTTPStatus = 404
    /// The path takes other methods; `Allow` names them.
    public static let methodNotAllowed: HTTPStatus = 405
    /// It contradicts what is there now.
    public static let conflict: HTTPStatus = 409
    /// The body's length was not sent before the body.
    public static let lengthRequired: HTTPStatus = 411
    /// What is there is not what the client takes it for.
    public static let preconditionFailed: HTTPStatus = 412
    /// The body is longer than may be sent here.
    public static let contentTooLarge: HTTPStatus = 413
    /// The body is of a kind that is not taken here.
    public static let unsupportedMediaType: HTTPStatus = 415
    /// None of the bytes that `Range` asked for are there.
    public static let rangeNotSatisfiable: HTTPStatus = 416
    /// Understood, but not of the form that is wanted.
    public static let unprocessableContent: HTTPStatus = 422
    /// Too many requests of this client; `Retry-After` says when to come back.
    public static let tooManyRequests: HTTPStatus = 429
    /// The target or the header fields are longer than may be sent here.
    public static let headerFieldsTooLarge: HTTPStatus = 431
    /// The server has failed.
    public static let internalServerError: HTTPStatus = 500
    /// Not now; `Retry-After` says when to come back.
    public static let serviceUnavailable: HTTPStatus = 503

    /// By their numbers, so that ranges such as `500...599` are kinds.
    public static func < (left: HTTPStatus, right: HTTPStatus) -> Bool {
        left.code < right.code
    }

    /// The words that stand behind the number; empty for a number without a meaning of its own.
    public var reason: String { Self.reasons[code] ?? "" }

    /// Number and words.
    public var description: String { reason.isEmpty ? "\(code)" : "\(code) \(reason)" }

    /// Whether the answer has no body whatever its head says.
    public var forbidsBody: Bool { code < 200 || self == .noContent || self == .notModified }

    private static let reasons: [Int: String] = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently",
        302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 409: "Conflict", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required", 428: "Precondition Required",
        429: "Too Many Requests",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
