import CivilTime
import JSON

/// A query in OpenSearch's own form, for documents as the shipper stores them.
struct OpenSearchQuery {
    /// What OpenSearch cannot answer.
    enum Unanswerable: Error, Equatable, CustomStringConvertible {
        /// What only this machine knows.
        case fact(EventFact)
        /// What documents there have, and cannot be searched for.
        case unsearchable(QueryField)

        var description: String {
            switch self {
            case .fact(.comment): "Only this machine knows what has a comment: leave that out for the cloud."
            case .fact(let fact): "Only this machine knows what is \(fact.rawValue): leave that out for the cloud."
            case .unsearchable(let field): "OpenSearch keeps the \(field.name), and cannot search for it."
            }
        }
    }

    /// The value of `query` in a search.
    let json: [UInt8]

    init(_ query: Query) throws(Unanswerable) {
        var writer = JSONWriter()
        try Self.check(query)
        Self.write(query, to: &writer)
        json = writer.bytes
    }

    private static func check(_ query: Query) throws(Unanswerable) {
        switch query {
        case .fact(let fact): throw .fact(fact)
        case .field(let field, _) where field == .packet: throw .unsearchable(field)
        case .not(let inner): try check(inner)
        case .and(let all), .or(let all): for query in all { try check(query) }
        case .all, .words, .field: break
        }
    }

    private static func write(_ query: Query, to writer: inout JSONWriter) {
        switch query {
        case .all, .fact: writer.object { $0.object("match_all") { _ in } }
        case .and(let queries): bool("filter", queries, to: &writer)
        case .or(let queries): bool("should", queries, to: &writer)
        case .not(let query): bool("must_not", [query], to: &writer)
        case .words(let pattern):
            any(SearchWords.fields, to: &writer) { field, writer in
                switch field.mode {
                case .within: regexp(pattern, field.path, to: &writer)
                case .whole:
                    let text = String(decoding: pattern.text, as: UTF8.self)
                    keyword(pattern.isPrefix ? "prefix" : "term", field.path, text, to: &writer)
                }
            }
        case .field(let field, let test):
            any(field.paths, to: &writer) { path, writer in write(test, field, path, to: &writer) }
        }
    }

    private static func write(_ test: ValueTest, _ field: QueryField, _ path: String, to writer: inout JSONWriter) {
        switch test {
        case .exists: writer.object { $0.object("exists") { $0.member("field", path) } }
        case .equals(let text): keyword("term", path, text, to: &writer)
        case .prefix(let text): keyword("prefix", path, text, to: &writer)
        case .domain(let domain):
            any([("term", domain), ("wildcard", "*.\(escapedWildcard(domain))")], to: &writer) { way, writer in
                keyword(way.0, path, way.1, to: &writer)
            }
        case .words(let pattern): regexp(pattern, path, to: &writer)
        case .network(let network):
            writer.object { $0.object("term") { $0.member(path, network.network.description) } }
        case .boolean(let value): writer.object { $0.object("term") { $0.member(path, value) } }
        case .number(let bounds): range(path, bounds, to: &writer) { $0.json(number($1)) }
        case .time(let bounds):
            range(path, bounds, to: &writer) { $0.value(UTCTimestamp($1).description) }
        }
    }

    private static func bool(_ kind: String, _ queries: [Query], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.object("bool") { bool in
                bool.array(kind) { list in for query in queries { write(query, to: &list) } }
                if kind == "should" { bool.member("minimum_should_match", 1) }
            }
        }
    }

    /// One of several; without a wrapping where there is only one.
    private static func any<Way>(
        _ ways: [Way], to writer: inout JSONWriter, _ write: (Way, inout JSONWriter) -> Void
    ) {
        if ways.count == 1 { return write(ways[0], &writer) }
        writer.object { writer in
            writer.object("bool") { bool in
                bool.array("should") { list in for way in ways { write(way, &list) } }
                bool.member("minimum_should_match", 1)
            }
        }
    }

    private static func keyword(_ kind: String, _ path: String, _ text: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.object(kind) { query in
                query.object(path) { options in
                    options.member("value", text)
                    options.member("case_insensitive", true)
                }
            }
        }
    }

    /// The rule of ``WordPattern`` as an expression of Lucene, which always means the whole value.
    private static func regexp(_ pattern: WordPattern, _ path: String, to writer: inout JSONWriter) {
        let notOfWords = "[^a-zA-Z0-9._:\\-\u{80}-\u{10FFFF}]"
        var expression = "(.*(\\.|\(notOfWords)))?"
        for character in String(decoding: pattern.text, as: UTF8.self) {
            if character.isASCII, !character.isLetter, !character.isNumber { expression.append("\\") }
            expression.append(character)
        }
        expression += pattern.isPrefix ? ".*" : "[._:\\-]*(\(notOfWords).*)?"
        keyword("regexp", path, expression, to: &writer)
    }

    private static func range<Value>(
        _ path: String, _ bounds: Bounds<Value>, to writer: inout JSONWriter, _ value: (inout JSONWriter, Value) -> Void
    ) {
        writer.object { writer in
            writer.object("range") { range in
                range.object(path) { edges in
                    switch bounds.lower {
                    case .including(let edge):
                        edges.name("gte")
                        value(&edges, edge)
                    case .excluding(let edge):
                        edges.name("gt")
                        value(&edges, edge)
                    case nil: break
                    }
                    switch bounds.upper {
                    case .including(let edge):
                        edges.name("lte")
                        value(&edges, edge)
                    case .excluding(let edge):
                        edges.name("lt")
                        value(&edges, edge)
                    case nil: break
                    }
                }
            }
        }
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    private static func escapedWildcard(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if character == "*" || character == "?" || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
    }
}
