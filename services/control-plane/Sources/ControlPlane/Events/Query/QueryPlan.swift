import EventContract
import EventStore
import Networks
import SQLite

/// How the local files are asked for a query: all that it means is among what the plan finds, and only ``isExact`` says that
/// there is nothing else.
struct QueryPlan: Sendable, Equatable {
    /// What the events' words must match, for FTS5; nil when words do not help.
    let match: String?
    /// What the columns must be.
    let condition: EventCondition
    /// Whether the condition says all.
    let isExact: Bool

    init(_ query: Query) {
        match = Self.match(query).map { "(\($0)) OR \(EventWords.quoted(EventWords.overflow))" }
        let columns = Columns(query)
        // Our own canaries are in no list.
        condition = EventCondition(
            "event_type IS NOT '\(Canary.eventType)'" + (columns.map { " AND (\($0.sql))" } ?? ""),
            columns?.values ?? [])
        isExact = query == .all || columns?.isExact ?? false
    }

    // MARK: - Words

    /// An expression that every event of the query matches; nil when there is none.
    private static func match(_ query: Query) -> String? {
        switch query {
        case .all, .not, .fact: nil
        case .and(let queries):
            // All words of a large network of IPv6 cost more than they save where another word has chosen already.
            { parts in joined(parts.isEmpty ? queries.compactMap(match) : parts, by: "AND") }(
                queries.filter { !isNetwork($0) }.compactMap(match))
        case .or(let queries):
            { parts in parts.count == queries.count ? joined(parts, by: "OR") : nil }(queries.compactMap(match))
        case .words(let pattern): match(pattern)
        case .field(let field, let test): match(field, test)
        }
    }

    private static func isNetwork(_ query: Query) -> Bool {
        guard case .field(_, .network(let network)) = query else { return false }
        return EventWords.prefix(of: network.network)?.isWhole == false
    }

    private static func match(_ field: QueryField, _ test: ValueTest) -> String? {
        let paths = Set(field.paths)
        switch test {
        case .equals(let text) where paths.isSubset(of: SearchWords.paths): return match(WordPattern(text))
        case .prefix(let text) where paths.isSubset(of: SearchWords.paths):
            return match(WordPattern(text, isPrefix: true))
        case .domain(let text) where paths.isSubset(of: SearchWords.pathsWithin): return match(WordPattern(text))
        case .words(let pattern) where paths.isSubset(of: SearchWords.pathsWithin): return match(pattern)
        case .network(let network) where paths.isSubset(of: ["source.ip", "destination.ip"]):
            return EventWords.prefix(of: network.network).map {
                $0.isWhole ? EventWords.quoted($0.word) : EventWords.quoted($0.word) + "*"
            }
        // Only alerts have one, and what was dropped by their rules.
        case .number where paths == ["suricata.severity"]:
            return joined(["alert", "drop"].compactMap { match(.type, .equals($0)) }, by: "OR")
        case .number(let bounds):
            let names = Set(field.paths.map { path in SearchWords.numbers.first { $0.path == path }?.name })
            guard names.count == 1, let name = names.first ?? nil, case .including(let number)? = bounds.lower,
                bounds == .only(number), let whole = Int64(exactly: number)
            else { return nil }
            return EventWords.quoted(EventWords.number(name, whole))
        default: return nil
        }
    }

    private static func match(_ pattern: WordPattern) -> String? {
        var words = pattern.tokens.map { EventWords.quoted($0) }
        // A prefix goes on where the text ends within a word.
        if pattern.isPrefix, let last = pattern.text.last, WordPattern.isPartOfWord(last), let word = words.popLast() {
            words.append(word + "*")
        }
        return joined(words, by: "AND")
    }

    private static func joined(_ parts: [String], by word: String) -> String? {
        parts.isEmpty ? nil : parts.count == 1 ? parts[0] : parts.map { "(\($0))" }.joined(separator: " \(word) ")
    }

    // MARK: - Columns

    /// A condition on the columns that every event of the query meets.
    private struct Columns {
        var sql: String
        var values: [SQLiteValue]
        /// Whether all events that meet it are of the query.
        var isExact: Bool

        init?(_ query: Query) {
            switch query {
            case .all, .words, .fact: return nil
            case .and(let queries):
                let parts = queries.compactMap(Columns.init)
                guard !parts.isEmpty else { return nil }
                self.init(parts, by: "AND", isExact: parts.count == queries.count)
            case .or(let queries):
                let parts = queries.compactMap(Columns.init)
                guard parts.count == queries.count else { return nil }
                self.init(parts, by: "OR", isExact: true)
            case .not(let query):
                guard let part = Columns(query), part.isExact else { return nil }
                self.init(sql: "(\(part.sql)) IS NOT TRUE", values: part.values, isExact: true)
            case .field(let field, let test): self.init(field, test)
            }
        }

        private init(sql: String, values: [SQLiteValue], isExact: Bool) {
            (self.sql, self.values, self.isExact) = (sql, values, isExact)
        }

        private init(_ parts: [Columns], by word: String, isExact: Bool) {
            sql = parts.map { "(\($0.sql))" }.joined(separator: " \(word) ")
            values = parts.flatMap(\.values)
            self.isExact = isExact && parts.allSatisfy(\.isExact)
        }

        private static let names = [
            "suricata.eve.event_type": "event_type", "suricata.severity": "severity", "@timestamp": "timestamp",
            "source.port": "src_port", "destination.port": "dest_port", "source.ip": "src_ip",
            "destination.ip": "dest_ip",
        ]

        private init?(_ field: QueryField, _ test: ValueTest) {
            var parts: [Columns] = []
            for path in field.paths {
                guard let column = Self.names[path], let part = Columns(column, test) else { return nil }
                parts.append(part)
            }
            self.init(parts, by: "OR", isExact: true)
        }

        private init?(_ column: String, _ test: ValueTest) {
            isExact = true
            switch test {
            case .equals(let text): (sql, values) = ("\(column) = ? COLLATE NOCASE", [.text(text)])
            case .network(let network):
                // Only IPv4 is written in one way.
                guard let address = EventWords.ipv4(network.network) else { return nil }
                (sql, values) = ("\(column) = ?", [.text(address)])
            case .number(let bounds):
                guard let edges = Self.edges(column, bounds, { Int64(exactly: $0) }) else { return nil }
                (sql, values) = edges
            case .time(let bounds):
                guard let edges = Self.edges(column, bounds, { $0 }) else { return nil }
                (sql, values) = edges
            case .exists: (sql, values) = ("\(column) IS NOT NULL", [])
            default: return nil
            }
        }

        private static func edges<Value>(
            _ column: String, _ bounds: Bounds<Value>, _ whole: (Value) -> Int64?
        ) -> (String, [SQLiteValue])? {
            var parts = ["\(column) IS NOT NULL"]
            var values: [SQLiteValue] = []
            func add(_ edge: Bounds<Value>.Edge?, _ including: String, _ excluding: String) -> Bool {
                guard let edge else { return true }
                let (value, sign) =
                    switch edge {
                    case .including(let value): (value, including)
                    case .excluding(let value): (value, excluding)
                    }
                guard let whole = whole(value) else { return false }
                parts.append("\(column) \(sign) ?")
                values.append(.integer(whole))
                return true
            }
            guard add(bounds.lower, ">=", ">"), add(bounds.upper, "<=", "<") else { return nil }
            return (parts.joined(separator: " AND "), values)
        }
    }
}
