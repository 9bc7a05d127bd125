/// Names a content: equal names mean equal bytes.
struct EntityTag {
    /// In quotes, as it is sent.
    let text: String

    init(_ name: String) {
        text = "\"\(name)\""
    }

    /// Whether a list of names, as `If-None-Match` has it, holds this one.
    func isIn(_ list: String?) -> Bool {
        guard let list else { return false }
        return list.split(separator: ",").contains { item in
            let name = item.drop { $0 == " " }.prefix { $0 != " " }
            return name == "*" || name == text || name == "W/" + text
        }
    }
}

/// What a client says of packed contents.
enum ContentCoding {
    /// Whether a list such as `gzip;q=0.5, br` takes gzip.
    static func isGzipTaken(_ list: String?) -> Bool {
        guard let list else { return false }
        return list.lowercased().split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let name = parts.first, name == "gzip" || name == "*" else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            return weight.flatMap { Double($0) } ?? 1 > 0
        }
    }
}
