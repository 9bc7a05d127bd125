/// The part of a target behind `?`: named values in their order, decoded.
public struct HTTPQuery: Sendable, Equatable, Sequence {
    /// One pair of name and value; a name without `=` has an empty value.
    public struct Item: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The value.
        public let value: String
    }

    private var items: [Item] = []

    /// An empty query.
    public init() {}

    /// The pairs of an encoded query, `a=1&b=x%20y`.
    public init(decoding text: String) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            append(Self.decoded(parts[0]), Self.decoded(value))
        }
    }

    /// Adds a pair.
    public mutating func append(_ name: String, _ value: String) {
        items.append(Item(name: name, value: value))
    }

    /// The first value with this name.
    public subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// All values with this name, in their order.
    public func values(of name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    /// Whether there are no pairs.
    public var isEmpty: Bool { items.isEmpty }

    /// The pairs in their order.
    public func makeIterator() -> IndexingIterator<[Item]> {
        items.makeIterator()
    }

    /// The query as it is sent, without `?`.
    public var encoded: String {
        items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }

    private static func decoded(_ text: Substring) -> String {
        PercentEncoding.decode(text.contains("+") ? String(text.map { $0 == "+" ? " " : $0 }) : String(text))
    }
}
