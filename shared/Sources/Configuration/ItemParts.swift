/// An item of a list that has several parts: `name=home cidr=10.0.0.0/8`, in the file also `{name: home, cidr: 10.0.0.0/8}`.
public struct ItemParts: Sendable {
    private var values: [String: String] = [:]

    /// Reads an item.
    ///
    /// - Parameters:
    ///   - required: parts that must be there.
    ///   - optional: parts that may be there.
    /// - Returns: nil when a part is missing, unknown, empty or there twice.
    public init?(_ text: String, required: [String], optional: [String]) {
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, values[String(pair[0])] == nil else { return nil }
            values[String(pair[0])] = String(pair[1])
        }
        guard required.allSatisfy({ values[$0] != nil }),
            values.keys.allSatisfy({ required.contains($0) || optional.contains($0) })
        else { return nil }
    }

    /// The value of a part; nil when it is not there.
    public subscript(name: String) -> String? { values[name] }

    /// The item as it is written; parts without a value are left out.
    public static func text(_ parts: KeyValuePairs<String, String?>) -> String {
        parts.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: " ")
    }
}
