import JSON
import Lifecycle

/// Values of a field, to complete what somebody writes.
enum FieldValues {
    private static let eventsMax = 5_000
    private static let milliseconds = 300

    /// The values that the newest events have, the most frequent ones first.
    ///
    /// - Throws: `SQLiteError` and what the store throws.
    static func newest(of field: QueryField, prefix: String, _ reader: EventReader) throws -> [(
        value: String, count: Int
    )] {
        var counts: [String: Int] = [:]
        var seen = 0
        // Only events that can have one: most fields are of few types of events.
        let query: Query =
            prefix.isEmpty || field.kind != .name ? .field(field, .exists) : .field(field, .prefix(prefix))
        _ = try reader.find(query, deadline: .milliseconds(milliseconds)) { _, document in
            guard let document else { return true }
            for steps in field.steps {
                _ = document.anyValue(at: steps[...]) { value in
                    if let text = value.text, text.lowercased().hasPrefix(prefix.lowercased()), text.utf8.count <= 256 {
                        counts[text, default: 0] += 1
                    }
                    return false
                }
            }
            seen += 1
            return seen < eventsMax
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }
}
