public import HTTPServer
import HTTPTypes

/// Where a parameter stands in a request.
public enum ParameterPlace: String, Sendable {
    /// In the path, where its pattern has the name in braces.
    case path
    /// In the query.
    case query
    /// In a header field.
    case header
}

/// A parameter of an operation: its name, place, form and meaning, declared once.
public struct Parameter<Value: Sendable>: DeclaredParameter {
    /// The name, as written in a request.
    public let name: String
    /// Where it stands in a request.
    public let place: ParameterPlace
    /// Its meaning, for people.
    public let meaning: String
    let form: ParameterForm<Value>
    let fallback: Value?

    /// A required parameter.
    public init(_ name: String, in place: ParameterPlace, _ form: ParameterForm<Value>, _ meaning: String) {
        self.init(name, place, form, meaning, fallback: nil)
    }

    /// A parameter with a default.
    public init(
        _ name: String, in place: ParameterPlace, _ form: ParameterForm<Value>, default fallback: Value,
        _ meaning: String
    ) {
        self.init(name, place, form, meaning, fallback: fallback)
    }

    private init(
        _ name: String, _ place: ParameterPlace, _ form: ParameterForm<Value>, _ meaning: String, fallback: Value?
    ) {
        precondition(place != .path || fallback == nil, "the parameter \(name) cannot be left out of a path")
        self.name = name
        self.place = place
        self.form = form
        self.meaning = meaning
        self.fallback = fallback
    }

    /// The value in a request.
    func value(in request: ServerRequest) throws(Refusal) -> Value {
        let text =
            switch place {
            case .path: request.parameters[name]
            case .query: request.query[name]
            case .header: request.head.fields[name]
            }
        guard let text else {
            guard let fallback else { throw Problem(.badRequest, "\(name) is missing", part: name).refusal }
            return fallback
        }
        guard let value = form.parse(text) else {
            throw Problem(.badRequest, "\(name) must be \(form.schema.words)", part: name).refusal
        }
        return value
    }

    // MARK: - As declared

    /// Whether a request without it is refused.
    public var isRequired: Bool { fallback == nil }
    /// The schema of its text.
    public var schema: JSONSchema { form.schema }

    /// Refuses a request in which it is missing or invalid.
    public func check(_ request: ServerRequest) throws(Refusal) {
        _ = try value(in: request)
    }
}

extension Parameter {
    /// An optional parameter; nil when it is left out.
    public init<Wrapped: Sendable>(
        _ name: String, in place: ParameterPlace, optional form: ParameterForm<Wrapped>, _ meaning: String
    ) where Value == Wrapped? {
        self.init(name, place, form.optional, meaning, fallback: .some(nil))
    }
}

/// A parameter of any form.
public protocol DeclaredParameter: Sendable {
    /// The name, as written in a request.
    var name: String { get }
    /// Where it stands in a request.
    var place: ParameterPlace { get }
    /// Its meaning, for people.
    var meaning: String { get }
    /// Whether a request without it is refused.
    var isRequired: Bool { get }
    /// The schema of its text.
    var schema: JSONSchema { get }
    /// Refuses a request in which it is missing or invalid.
    func check(_ request: ServerRequest) throws(Refusal)
}
