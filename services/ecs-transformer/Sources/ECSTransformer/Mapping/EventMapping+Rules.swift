import JSON

extension EventMapping {
    /// Does what a rule says with the value of a member.
    mutating func apply(_ rule: FieldRule, to value: JSONNode) {
        switch rule {
        case .text(let field): set(field, value)
        case .lowercase(let field): set(field, lowercase: value)
        case .number(let field): set(field, number: value)
        case .boolean(let field): if let boolean = value.bool { document.set(field, boolean: boolean) }
        case .date(let field): set(field, date: value)
        case .hash(let field):
            guard let text = Self.string(value), text.isHexadecimal, text.count == field.hashDigits else { return }
            document.set(field, text)
            document.append(.relatedHash, text)
        case .texts(let field): append(field, value)
        case .seconds(let field): set(field, seconds: value)
        case .relatedHash:
            if let text = Self.string(value) { document.append(.relatedHash, text) }
        case .action: setAction(value)
        case .user: setUser(value)
        case .host: appendHost(value)
        case .address: appendAddress(value)
        }
    }
}

extension EncodedText {
    /// Whether the text is made of hexadecimal digits only.
    var isHexadecimal: Bool { buffer.allSatisfy { JSONText.hexValue($0) != nil } }
}

extension ECSField {
    /// How many hexadecimal digits the hash in this field has.
    fileprivate var hashDigits: Int {
        switch self {
        case .fileHashSHA1, .tlsClientHashSHA1, .tlsServerHashSHA1: 40
        case .fileHashSHA256: 64
        default: 32  // MD5, and the fingerprints that are one
        }
    }
}
