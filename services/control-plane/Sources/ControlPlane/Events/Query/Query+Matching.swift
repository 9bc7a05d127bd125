import CivilTime
import JSON
import Networks

extension Query {
    /// Whether this document is meant.
    ///
    /// - Parameter facts: what people have said about it.
    func matches(_ document: JSONNode, facts: (EventFact) -> Bool) -> Bool {
        switch self {
        case .all: true
        case .and(let queries): queries.allSatisfy { $0.matches(document, facts: facts) }
        case .or(let queries): queries.contains { $0.matches(document, facts: facts) }
        case .not(let query): !query.matches(document, facts: facts)
        case .fact(let fact): facts(fact)
        case .words(let pattern): SearchWords.isFound(pattern, in: document)
        case .field(let field, let test): field.steps.contains { document.anyValue(at: $0[...], test.passes) }
        }
    }
}

extension SearchWords {
    private static let steps = fields.map { field in
        (steps: field.path.split(separator: ".").map { Array($0.utf8) }, mode: field.mode)
    }

    static func isFound(_ pattern: WordPattern, in document: JSONNode) -> Bool {
        steps.contains { steps, mode in
            document.anyValue(at: steps[...]) { value in
                value.withText { text in
                    switch mode {
                    case .within: pattern.isFound(in: text)
                    case .whole: pattern.isPrefix ? text.startsSame(pattern.text) : text.isSame(pattern.text)
                    }
                }
            }
        }
    }
}

extension ValueTest {
    /// Whether one value, which is neither object nor array, passes.
    func passes(_ value: JSONNode) -> Bool {
        switch self {
        case .exists: value.kind != .null
        case .equals(let wanted): value.withText { $0.isSame(Array(wanted.utf8)) }
        case .prefix(let wanted): value.withText { $0.startsSame(Array(wanted.utf8)) }
        case .domain(let domain):
            value.withText { text in
                text.isSame(Array(domain.utf8)) || text.suffix(domain.utf8.count + 1).isSame(Array(".\(domain)".utf8))
            }
        case .words(let pattern): value.withText { pattern.isFound(in: $0) }
        case .network(let network):
            value.withText { text in
                text.withContiguousStorageIfAvailable { IPAddress(text: UnsafeRawBufferPointer($0)) }
                    .flatMap { $0 }.map(network.network.contains) ?? false
            }
        case .number(let bounds):
            (value.double ?? value.string.flatMap(Double.init)).map(bounds.contains) ?? false
        case .time(let bounds):
            value.string.flatMap { QueryTime($0, now: 0) }.map { bounds.contains($0.first) } ?? false
        case .boolean(let wanted): value.bool == wanted
        }
    }
}

extension JSONNode {
    /// Whether a value below this one passes; elements of arrays stand for the array, as in OpenSearch.
    func anyValue(at steps: ArraySlice<[UInt8]>, _ test: (JSONNode) -> Bool) -> Bool {
        if kind == .array { return elements.contains { $0.anyValue(at: steps, test) } }
        guard let step = steps.first else { return kind != .object && test(self) }
        guard kind == .object else { return false }
        return members.contains { key, value in
            key.isEqual(to: step) && value.anyValue(at: steps.dropFirst(), test)
        }
    }

    private func isEqual(to name: [UInt8]) -> Bool {
        hasEscapes ? string.map { $0.utf8.elementsEqual(name) } ?? false : content.elementsEqual(name)
    }

    /// The text of a value as OpenSearch would keep it in a keyword; numbers and booleans as they are written.
    fileprivate func withText<Result>(_ body: (Slice<UnsafeRawBufferPointer>) -> Result) -> Result
    where Result: ExpressibleByBooleanLiteral {
        if kind == .null { return false }
        guard hasEscapes else { return body(content[...]) }
        return Array((string ?? "").utf8).withUnsafeBytes { body($0[...]) }
    }
}

extension RandomAccessCollection<UInt8> {
    /// Whether both are the same text, but for the case of ASCII letters.
    fileprivate func isSame(_ other: [UInt8]) -> Bool { count == other.count && startsSame(other) }

    fileprivate func startsSame(_ other: [UInt8]) -> Bool {
        count >= other.count && zip(self, other).allSatisfy { WordPattern.small($0) == WordPattern.small($1) }
    }
}
