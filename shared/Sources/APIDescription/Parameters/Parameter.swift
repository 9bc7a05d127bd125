public import HTTPServer
import HTTPTypes

/// Where a parameter stands in a request.
public enum ParameterPlace: String, Sendable {
    /// In the path, between braces.
    case path
    /// Behind `?`.
    case query
    /// In a header field.
    case header
}

/// A parameter of an operation: its name, place, form and meaning, once.
public struct Parameter<Value: Sendable>: DeclaredParameter {
    /// As it is written in a request.
    public let name: String
    /// Where it is written.
    public let place: ParameterPlace
    /// What it means, for people.
    public let meaning: String
    let form: ParameterForm<Value>
    let fallback: Value?

    /// A parameter that must be there.
    public init(_ name: String, in place: ParameterPlace, _ form: ParameterForm<Value>, _ meaning: String) {
        self.init(name, place, form, meaning, fallback: nil)
    }

    /// A parameter with a value for when it is not there.
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
    /// What its text looks like.
    public var schema: JSONSchema { form.schema }

    /// Refuses a request in which it is missing or no value.
    public func check(_ request: ServerRequest) throws(Refusal) {
        _ = try value(in: request)
    }
}

extension Parameter {
    /// A parameter that may be left out.
    public init<Wrapped: Sendable>(
        _ name: String, in place: ParameterPlace, optional form: ParameterForm<Wrapped>, _ meaning: String
    ) where Value == Wrapped? {
        self.init(name, place, form.optional, meaning, fallback: .some(nil))
    }
}

/// A parameter of whatever form.
public protocol DeclaredParameter: Sendable {
    /// As it is written in a request.
    var name: String { get }
    /// Where it is written.
    var place: ParameterPlace { get }
    /// What it means, for people.
    var meaning: String { get }
    /// Whether a request without it is refused.
    var isRequired: Bool { get }
    /// What its text looks like.
    var schema: JSONSchema { get }
    /// Refuses a request in which it is missing or no value.
    func check(_ request: ServerRequest) throws(Refusal)
}
