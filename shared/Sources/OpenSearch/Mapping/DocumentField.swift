/// A field that documents are known to have, and how its values are compared.
public struct DocumentField: Sendable, Equatable {
    /// What values are, and so which questions make sense.
    public enum Kind: Sendable {
        /// Names and codes, compared whole.
        case keyword
        /// Running text, looked into by words.
        case text
        /// Whole numbers or fractions.
        case number
        /// IP addresses.
        case address
        /// Moments.
        case time
        /// `true` or `false`.
        case boolean
        /// An object with any names below it, whose values are keywords.
        case open
        /// Kept, and not found by its value.
        case unsearchable
    }

    /// The dotted name.
    public let name: String
    /// How its values are compared.
    public let kind: Kind

    /// All fields of the mapping: those of ECS, then the event as Suricata wrote it.
    public static let all: [DocumentField] = (ECSMapping.properties.leaves + EVEMapping.properties.leaves).map {
        DocumentField(name: $0.path, kind: $0.type.kind)
    }
}

extension FieldType {
    fileprivate var kind: DocumentField.Kind {
        switch self {
        case .keyword, .longKeyword, .keywordWithText, .longKeywordWithText: .keyword
        case .text: .text
        case .long, .float: .number
        case .ip: .address
        case .date, .timestamp: .time
        case .boolean: .boolean
        case .flatObject, .nested: .open
        case .geoPoint, .notIndexed, .disabled: .unsearchable
        }
    }
}
