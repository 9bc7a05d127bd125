import Lifecycle
import SQLite

/// Rules by how often they hit.
struct RuleList {
    struct Rule: Sendable {
        let signatureID: Int64
        let hits: Int64
        /// Hits in each of the last 24 hours, the oldest first.
        var hours = [Int64](repeating: 0, count: 24)
        /// Text, severity and newest alert; nil when its groups were not found in time.
        var group: (signature: String, severity: Int64, last: Int64)?
    }

    struct Page: Sendable {
        var rules: [Rule] = []
        /// Alerts of all rules.
        var total: Int64 = 0
    }

    let index: SQLiteConnection

    /// The rules with most hits in the last hours.
    ///
    /// - Throws: `SQLiteError`, `.interrupted` after the time of a question.
    func noisiest(hours: Int, until now: Int64, limit: Int) throws -> Page {
        try index.limited(by: .milliseconds(EventReader.deadlineMilliseconds)) {
            let hour = now / Hour.nanoseconds
            let from = hour - Int64(hours)
            var page = Page()
            page.total =
                try index.rows("SELECT sum(count) FROM sid_hours WHERE hour > ?", [.integer(from)]) {
                    $0.integer(at: 0) ?? 0
                }.first ?? 0
            page.rules = try index.rows(
                """
                SELECT signature_id, sum(count) FROM sid_hours WHERE hour > ? GROUP BY signature_id
                ORDER BY sum(count) DESC, signature_id LIMIT ?
                """, [.integer(from), .integer(Int64(limit))]
            ) { Rule(signatureID: $0.integer(at: 0) ?? 0, hits: $0.integer(at: 1) ?? 0) }
            var places: [Int64: Int] = [:]
            for (place, rule) in page.rules.enumerated() { places[rule.signatureID] = place }
            let first = hour - 23
            let recent = try index.prepare(
                "SELECT signature_id, hour, count FROM sid_hours WHERE hour BETWEEN ? AND ?")
            try recent.bind([.integer(first), .integer(hour)])
            while try recent.step() {
                guard let place = places[recent.integer(at: 0) ?? 0], let at = recent.integer(at: 1) else { continue }
                page.rules[place].hours[Int(at - first)] = recent.integer(at: 2) ?? 0
            }
            // What hits often has hit lately: its group is among the newest, and there is no need to look at all.
            let groups = try index.prepare(
                """
                SELECT signature_id, signature, severity, last FROM groups INDEXED BY groups_last
                WHERE last >= ? ORDER BY last DESC
                """)
            try groups.bind([.integer((from + 1) * Hour.nanoseconds)])
            var missing = Set(places.keys)
            while !missing.isEmpty, try groups.step() {
                let id = groups.integer(at: 0) ?? 0
                guard missing.remove(id) != nil, let place = places[id] else { continue }
                page.rules[place].group = (
                    groups.text(at: 1) ?? "", groups.integer(at: 2) ?? 0, groups.integer(at: 3) ?? 0
                )
            }
            return page
        }
    }
}
