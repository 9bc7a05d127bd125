import Networks

/// What to look for among the events: the tree that the query language means.
///
/// One tree, three readers: ``matches(_:facts:)`` says whether an event is meant, ``QueryPlan`` finds those that may be in
/// the local files, and ``OpenSearchQuery`` asks OpenSearch. All three give the same events.
indirect enum Query: Sendable, Equatable {
    /// Every event.
    case all
    case and([Query])
    case or([Query])
    case not(Query)
    /// A word or several in a row, anywhere in the fields that ``SearchWords`` names.
    case words(WordPattern)
    /// A field with a value that passes the test.
    case field(QueryField, ValueTest)
    /// What people have said about the event on this machine.
    case fact(EventFact)
}

/// Where events are looked for, as `in:` names it.
enum EventPlace: String, Sendable, CaseIterable {
    /// In the event store of this machine.
    case box
    /// In the OpenSearch that the shipper fills.
    case cloud
}

/// What is not in a document, but known on this machine.
enum EventFact: String, Sendable, CaseIterable {
    case archived, escalated, comment
}

/// A test of a field's values; of several it is enough when one passes.
enum ValueTest: Sendable, Equatable {
    /// There is a value.
    case exists
    /// The value is this text; small and capital letters of ASCII are the same.
    case equals(String)
    /// The value begins with this text.
    case prefix(String)
    /// The value is this domain, or a name below it.
    case domain(String)
    /// The words stand in the value.
    case words(WordPattern)
    /// The address is in this network.
    case network(QueryNetwork)
    /// The number is in this range.
    case number(Bounds<Double>)
    /// The moment is in this range, in nanoseconds since the epoch.
    case time(Bounds<Int64>)
    /// The value is this.
    case boolean(Bool)
}

/// A network, equal to another one that was written in the same way.
struct QueryNetwork: Sendable, Equatable {
    let network: IPNetwork

    init?(_ text: String) {
        guard let network = IPNetwork(text) else { return nil }
        self.network = network
    }

    static func == (left: Self, right: Self) -> Bool { left.network.description == right.network.description }
}

/// A range, open at either end.
struct Bounds<Value: Comparable & Sendable>: Sendable, Equatable {
    enum Edge: Sendable, Equatable {
        case including(Value)
        case excluding(Value)
    }

    var lower: Edge?
    var upper: Edge?

    static func only(_ value: Value) -> Bounds { Bounds(lower: .including(value), upper: .including(value)) }

    func contains(_ value: Value) -> Bool {
        switch lower {
        case .including(let edge) where value < edge: return false
        case .excluding(let edge) where value <= edge: return false
        default: break
        }
        switch upper {
        case .including(let edge) where value > edge: return false
        case .excluding(let edge) where value >= edge: return false
        default: return true
        }
    }
}

extension Query {
    /// All of these; without those that say nothing.
    static func all(of queries: [Query]) -> Query {
        let parts = queries.filter { $0 != .all }
        return parts.count > 1 ? .and(parts) : parts.first ?? .all
    }

    /// Whether any part asks for what only this machine knows.
    var asksForFacts: Bool {
        switch self {
        case .all, .words, .field: false
        case .fact: true
        case .not(let query): query.asksForFacts
        case .and(let queries), .or(let queries): queries.contains(where: \.asksForFacts)
        }
    }

    /// The range of time outside of which nothing is meant.
    var time: Bounds<Int64> {
        switch self {
        case .field(let field, .time(let bounds)) where field.paths == QueryField.timestamp.paths: bounds
        case .and(let queries): queries.reduce(into: Bounds()) { $0.narrow($1.time) }
        default: Bounds()
        }
    }
}

extension Bounds {
    /// Leaves only what is in the other range, too.
    mutating func narrow(_ other: Bounds) {
        func value(_ edge: Edge) -> Value {
            switch edge {
            case .including(let value), .excluding(let value): value
            }
        }
        func isNarrower(_ edge: Edge?, _ old: Edge?, by isInside: (Value, Value) -> Bool) -> Bool {
            guard let edge else { return false }
            guard let old else { return true }
            if case .excluding = edge, value(edge) == value(old) { return true }
            return isInside(value(edge), value(old))
        }
        if isNarrower(other.lower, lower, by: >) { lower = other.lower }
        if isNarrower(other.upper, upper, by: <) { upper = other.upper }
    }
}
