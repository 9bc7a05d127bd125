/// One counter with the values of its labels.
struct SuricataSeries: Hashable, Sendable {
    /// The counter's name.
    let name: String
    /// The values of its labels, in order.
    let labels: [String]
}
