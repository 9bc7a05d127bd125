/// What is wrong with a query, where, and what was probably meant.
struct QueryError: Error, Equatable, CustomStringConvertible {
    /// The part that is wrong, in bytes of UTF-8 from the start.
    let range: Range<Int>
    /// What is wrong, in one sentence.
    let message: String
    /// What to put in its place.
    let proposal: String?

    init(_ range: Range<Int>, _ message: String, proposal: String? = nil) {
        self.range = range
        self.message = message
        self.proposal = proposal
    }

    var description: String {
        let place = "At character \(range.lowerBound + 1): \(message)"
        return proposal.map { "\(place) Did you mean \($0)?" } ?? place
    }
}
