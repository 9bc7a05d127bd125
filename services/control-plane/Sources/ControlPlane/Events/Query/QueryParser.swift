/// Reads the query language.
///
/// ```
/// query = both { "OR" both }        both = { one }        one = [ "-" | "NOT" ] ( word | "phrase" | field | ( query ) )
/// field = name ":" ( value { "," value } | ">" value | "[" value ".." value "]" )      value = text [ "*" ] | "*." domain
/// ```
///
/// `in:cloud` is no part of that: it says where to look, wherever in a query it stands.
struct QueryParser {
    /// Bytes of a query.
    static let bytesMax = 2_000
    /// Parentheses and negations within each other.
    static let depthMax = 20
    /// Words and fields.
    static let termCountMax = 100
    /// Values of one field.
    static let listCountMax = 50

    /// A word or field of a query, for those who show them one by one.
    struct Term: Equatable {
        /// In bytes, with its negation.
        let range: Range<Int>
        let isNegated: Bool
    }

    /// A query with where to look, and its words and fields in order.
    struct Search: Equatable {
        let query: Query
        let place: EventPlace
        let terms: [Term]
    }

    private var parts: [QueryLexer.Part]
    private let end: Int
    private let now: Int64
    private var index = 0
    private var terms: [Term] = []

    /// The query of a text for events of this machine.
    ///
    /// - Parameter now: what relative times start from, in nanoseconds since the epoch.
    static func parse(_ text: String, now: Int64) throws(QueryError) -> Query {
        let search = try parseSearch(text, now: now)
        guard search.place == .box else {
            throw QueryError(0..<text.utf8.count, "Only lists of events can be asked of the cloud: leave out in:cloud.")
        }
        return search.query
    }

    /// The query of a text, which may be for events of elsewhere.
    static func parseSearch(_ text: String, now: Int64) throws(QueryError) -> Search {
        guard text.utf8.count <= bytesMax else {
            throw QueryError(bytesMax..<text.utf8.count, "A query may have at most \(bytesMax) bytes.")
        }
        var parser = QueryParser(parts: try QueryLexer.parts(of: text), end: text.utf8.count, now: now)
        let place = try parser.takePlace()
        let query = try parser.alternatives(depth: 0)
        if let part = parser.part { throw QueryError(part.range, "There is no \"(\" for this one.") }
        return Search(
            query: query, place: place, terms: parser.terms.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }

    private init(parts: [QueryLexer.Part], end: Int, now: Int64) {
        self.parts = parts
        self.end = end
        self.now = now
    }

    /// Takes out what says where to look.
    private mutating func takePlace() throws(QueryError) -> EventPlace {
        var place = EventPlace.box
        var isNegated = false
        var others: [QueryLexer.Part] = []
        for part in parts {
            defer { isNegated = part.token == .not }
            guard case .field(let name, let value) = part.token, name.lowercased() == "in" else {
                others.append(part)
                continue
            }
            guard !isNegated else {
                throw QueryError(part.range, "Where to look cannot be turned round: leave in:cloud out.")
            }
            guard case .any(let items) = value.kind, items.count == 1,
                let found = EventPlace(rawValue: items[0].text.lowercased())
            else {
                let names = EventPlace.allCases.map(\.rawValue)
                throw QueryError(
                    value.range, "\"in:\" knows \(names.joined(separator: " and ")).",
                    proposal: Proposal.nearest(to: value.words, among: names))
            }
            place = found
            try note(part.range, false)
        }
        parts = others
        return place
    }

    private var part: QueryLexer.Part? { index < parts.count ? parts[index] : nil }

    private mutating func alternatives(depth: Int) throws(QueryError) -> Query {
        guard depth <= Self.depthMax else {
            throw QueryError(part?.range ?? end..<end, "It is nested deeper than \(Self.depthMax) levels.")
        }
        var alternatives: [Query] = [try conjunction(depth: depth)]
        while let part, part.token == .or {
            guard alternatives.last != .all else { throw QueryError(part.range, "Before OR something is missing.") }
            index += 1
            let next = try conjunction(depth: depth)
            guard next != .all else { throw QueryError(part.range, "After OR something is missing.") }
            alternatives.append(next)
        }
        return alternatives.count == 1 ? alternatives[0] : .or(alternatives)
    }

    private mutating func conjunction(depth: Int) throws(QueryError) -> Query {
        var all: [Query] = []
        while let part, part.token != .or, part.token != .close {
            index += 1
            if part.token == .and {
                let isBetween = !all.isEmpty && self.part.map { $0.token != .or && $0.token != .close } ?? false
                guard isBetween else { throw QueryError(part.range, "AND stands between two things.") }
            } else {
                all.append(try one(part, depth: depth, start: part.range.lowerBound, isNegated: false))
            }
        }
        return Query.all(of: all)
    }

    private mutating func one(
        _ part: QueryLexer.Part, depth: Int, start: Int, isNegated: Bool
    ) throws(QueryError) -> Query {
        switch part.token {
        case .not:
            guard let next = self.part, next.token != .or, next.token != .and, next.token != .close else {
                throw QueryError(part.range, "What is not wanted is missing here.")
            }
            guard depth < Self.depthMax else {
                throw QueryError(part.range, "It is nested deeper than \(Self.depthMax) levels.")
            }
            index += 1
            return .not(try one(next, depth: depth + 1, start: start, isNegated: !isNegated))
        case .open:
            let query = try alternatives(depth: depth + 1)
            guard self.part?.token == .close else { throw QueryError(part.range, "This \"(\" is not closed.") }
            index += 1
            guard query != .all else { throw QueryError(part.range, "Between the parentheses is nothing.") }
            return query
        case .close, .or, .and: throw QueryError(part.range, "This does not belong here.")
        case .phrase(let text, let isPrefix):
            try note(start..<part.range.upperBound, isNegated)
            return .words(try pattern(text, isPrefix, part.range))
        case .text(let text):
            try note(start..<part.range.upperBound, isNegated)
            return try words(text, part.range)
        case .field(let name, let value):
            try note(start..<part.range.upperBound, isNegated)
            let nameRange = part.range.lowerBound..<part.range.lowerBound + name.utf8.count
            return try field(name, nameRange, value)
        }
    }

    private mutating func note(_ range: Range<Int>, _ isNegated: Bool) throws(QueryError) {
        guard terms.count < Self.termCountMax else {
            throw QueryError(range, "A query may have at most \(Self.termCountMax) words and fields.")
        }
        terms.append(Term(range: range, isNegated: isNegated))
    }

    private func pattern(_ text: String, _ isPrefix: Bool, _ range: Range<Int>) throws(QueryError) -> WordPattern {
        let pattern = WordPattern(text, isPrefix: isPrefix)
        guard !pattern.tokens.isEmpty else { throw QueryError(range, "There is no letter or digit to look for.") }
        return pattern
    }

    private func words(_ text: String, _ range: Range<Int>) throws(QueryError) -> Query {
        if text.contains("/"), let network = QueryNetwork(text) { return .field(.networkAddress, .network(network)) }
        // IPv6 is written in many ways.
        if text.contains(":"), let network = QueryNetwork(text) {
            return .or([.field(.networkAddress, .network(network)), .words(WordPattern(text))])
        }
        if let address = HardwareAddress.documentForm(text) { return .words(WordPattern(address)) }
        var word = text
        let isPrefix = word.hasSuffix("*")
        if isPrefix { word.removeLast() }
        guard !word.contains("*") else {
            let inner = word.hasPrefix("*") ? String(word.drop { $0 == "*" || $0 == "." }) : ""
            throw QueryError(
                range, "A * may stand only at the end of a word.",
                proposal: inner.isEmpty || inner.contains("*") ? nil : inner)
        }
        return .words(try pattern(word, isPrefix, range))
    }

    // MARK: - Fields

    private func field(_ name: String, _ nameRange: Range<Int>, _ value: QueryValue) throws(QueryError) -> Query {
        switch name.lowercased() {
        case "is": return try anyOf(value) { item throws(QueryError) in try state(item) }
        case "has": return try anyOf(value) { item throws(QueryError) in try presence(item) }
        case "@from", "@after", "@to", "@before": return try time(name.lowercased(), value)
        default: break
        }
        let field: QueryField
        do throws(QueryField.Missing) {
            field = try QueryField.find(name.hasPrefix("@") && name != "@timestamp" ? String(name.dropFirst()) : name)
        } catch {
            switch error {
            case .unsearchable: throw QueryError(nameRange, "The field \"\(name)\" is kept, but cannot be searched.")
            case .unknown(let proposal):
                throw QueryError(nameRange, "There is no field \"\(name)\".", proposal: proposal)
            }
        }
        return try self.field(field, value)
    }

    private func field(_ field: QueryField, _ value: QueryValue) throws(QueryError) -> Query {
        switch value.kind {
        case .any: return try anyOf(value) { item throws(QueryError) in .field(field, try test(field, item)) }
        case .order(let order, let item):
            switch field.kind {
            case .number, .port: return .field(field, .number(Self.bounds(order, try number(field, item))))
            case .time:
                let moment = try moment(item)
                return .field(
                    field, .time(Self.bounds(order, order == .above || order == .atMost ? moment.last : moment.first)))
            default: throw QueryError(value.range, "Values of \"\(field.name)\" have no order.")
            }
        case .range(let lower, let upper):
            switch field.kind {
            case .number, .port:
                var bounds = Bounds<Double>()
                if let lower { bounds.lower = .including(try number(field, lower)) }
                if let upper { bounds.upper = .including(try number(field, upper)) }
                return .field(field, .number(bounds))
            case .time:
                var bounds = Bounds<Int64>()
                if let lower { bounds.lower = .including(try moment(lower).first) }
                if let upper { bounds.upper = .including(try moment(upper).last) }
                return .field(field, .time(bounds))
            default: throw QueryError(value.range, "Values of \"\(field.name)\" have no order.")
            }
        }
    }

    private func anyOf(
        _ value: QueryValue, _ query: (QueryValue.Item) throws(QueryError) -> Query
    ) throws(QueryError) -> Query {
        guard case .any(let items) = value.kind else { throw QueryError(value.range, "Here a plain value is needed.") }
        var queries: [Query] = []
        for item in items { queries.append(try query(item)) }
        return queries.count == 1 ? queries[0] : .or(queries)
    }

    private func test(_ field: QueryField, _ item: QueryValue.Item) throws(QueryError) -> ValueTest {
        if item.text == "*", !item.isQuoted { return .exists }
        switch field.kind {
        case .words: return .words(try pattern(item.text, item.isPrefix, item.range))
        case .name:
            if item.isDomain { return .domain(item.text) }
            let text = field.name == "mac" ? HardwareAddress.documentForm(item.text) ?? item.text : item.text
            return item.isPrefix ? .prefix(text) : .equals(text)
        case .address:
            let text = item.isPrefix ? Self.network(ofPrefix: item.text) ?? "" : item.text
            guard let network = QueryNetwork(text) else {
                throw QueryError(
                    item.range,
                    "\"\(item.text)\" is no address: write 192.168.178.20, 192.168.178.* or 192.168.178.0/24.")
            }
            return .network(network)
        case .number, .port: return .number(.only(try number(field, item)))
        case .time:
            let moment = try moment(item)
            return .time(Bounds(lower: .including(moment.first), upper: .including(moment.last)))
        case .boolean:
            guard let value = Bool(item.text) else { throw QueryError(item.range, "Here true or false is needed.") }
            return .boolean(value)
        }
    }

    /// `192.168.` with a `*` is `192.168.0.0/16`.
    private static func network(ofPrefix text: String) -> String? {
        guard text.hasSuffix(".") else { return nil }
        let octets = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(octets.count) else { return nil }
        return octets.joined(separator: ".") + String(repeating: ".0", count: 4 - octets.count) + "/\(octets.count * 8)"
    }

    private func number(_ field: QueryField, _ item: QueryValue.Item) throws(QueryError) -> Double {
        if field.name == "sev", let severity = ["high": 1.0, "medium": 2, "low": 3][item.text.lowercased()] {
            return severity
        }
        guard !item.isPrefix, !item.isDomain, let number = Double(item.text), number.isFinite, abs(number) <= 1e15
        else {
            throw QueryError(item.range, "\"\(item.text)\" is no number, and \"\(field.name)\" needs one.")
        }
        return number
    }

    private static func bounds<Value>(_ order: QueryValue.Order, _ value: Value) -> Bounds<Value> {
        switch order {
        case .atLeast: Bounds(lower: .including(value))
        case .above: Bounds(lower: .excluding(value))
        case .atMost: Bounds(upper: .including(value))
        case .below: Bounds(upper: .excluding(value))
        }
    }

    private func state(_ item: QueryValue.Item) throws(QueryError) -> Query {
        switch item.text.lowercased() {
        case "alert": return .field(.type, .equals("alert"))
        case "archived": return .fact(.archived)
        case "escalated": return .fact(.escalated)
        case "open", "new": return .and([.field(.type, .equals("alert")), .not(.fact(.archived))])
        case "blocked":
            return .or(["blocked", "drop", "reject"].map { .field(.alertAction, .equals($0)) })
        case "own":
            return .or(["inbound", "outbound", "internal"].map { .field(.direction, .equals($0)) })
        case let text:
            throw QueryError(
                item.range, "\"is:\" knows \(Self.states.joined(separator: ", ")).",
                proposal: Proposal.nearest(to: text, among: Self.states))
        }
    }

    /// What may follow `is:`.
    static let states = ["alert", "open", "archived", "escalated", "blocked", "own"]

    private func presence(_ item: QueryValue.Item) throws(QueryError) -> Query {
        switch item.text.lowercased() {
        case "comment": return .fact(.comment)
        case "packet", "pcap": return .field(.packet, .exists)
        default:
            do throws(QueryField.Missing) {
                return .field(try QueryField.find(item.text), .exists)
            } catch {
                guard case .unknown(let proposal) = error else {
                    throw QueryError(item.range, "The field \"\(item.text)\" is kept, but cannot be searched.")
                }
                throw QueryError(item.range, "There is no field \"\(item.text)\".", proposal: proposal)
            }
        }
    }

    // MARK: - Times

    private func time(_ name: String, _ value: QueryValue) throws(QueryError) -> Query {
        guard case .any(let items) = value.kind, items.count == 1 else {
            throw QueryError(value.range, "Here one time is needed.")
        }
        let moment = try moment(items[0])
        let isLower = name == "@from" || name == "@after"
        return .field(
            .timestamp,
            .time(
                isLower
                    ? Bounds(lower: .including(moment.first))
                    : Bounds(upper: name == "@to" && moment.isDay ? .including(moment.last) : .excluding(moment.first)))
        )
    }

    private func moment(_ item: QueryValue.Item) throws(QueryError) -> QueryTime {
        guard !item.isPrefix, !item.isDomain, let time = QueryTime(item.text, now: now) else {
            throw QueryError(
                item.range, "\"\(item.text)\" is no time: write 2026-02-01, 2026-02-01T10:00, -24h, -7d or now.")
        }
        return time
    }
}
