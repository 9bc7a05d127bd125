/// One counter with the values of its labels.
struct SuricataSeries: Hashable, Comparable, Sendable {
    /// The counter's name.
    let name: String
    /// The values of its labels, in order.
    let labels: [String]

    /// The value of a label that stands for all that are not shown by their names.
    static let other = "other"

    /// The series that stands for all of this counter that are not shown by their labels.
    var others: SuricataSeries { SuricataSeries(name: name, labels: labels.map { _ in Self.other }) }

    static func < (left: SuricataSeries, right: SuricataSeries) -> Bool {
        if left.name != right.name { return left.name < right.name }
        return left.labels.lexicographicallyPrecedes(right.labels)
    }
}
