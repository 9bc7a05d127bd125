import JSON

/// What becomes of one member of an object.
enum FieldRule: Sendable {
    /// Text as it is; numbers and booleans become text.
    case text(ECSField)
    /// Text in lower case.
    case lowercase(ECSField)
    /// A whole number that is not negative, also one given as text.
    case number(ECSField)
    /// `true` or `false`.
    case boolean(ECSField)
    /// A time, written as UTC.
    case date(ECSField)
    /// Hexadecimal digits of a hash, also for `related.hash`.
    case hash(ECSField)
    /// An array of texts, or one text.
    case texts(ECSField)
    /// A time in seconds since the epoch.
    case seconds(ECSField)
    /// A fingerprint for `related.hash` that has no field of its own.
    case relatedHash
    /// The verb for `event.action`, if the event is about the object at hand.
    case action
    /// A user's name, for `user.name` and `related.user`.
    case user
    /// A host's name for `related.hosts`, or its address for `related.ip`.
    case host
    /// An address for `related.ip`, or an array of them.
    case address
}

extension EventMapping {
    /// Does what a rule says with the value of a member.
    mutating func apply(_ rule: FieldRule, to value: JSONNode) {
        switch rule {
        case .text(let field): document.set(field, value)
        case .lowercase(let field): document.set(field, lowercase: value)
        case .number(let field): document.set(field, number: value)
        case .boolean(let field): if let boolean = value.bool { document.set(field, boolean: boolean) }
        case .date(let field): document.set(field, date: value)
        case .hash(let field):
            guard let text = value.encodedString, text.isHexadecimal, text.count == field.hashDigits else { return }
            document.set(field, text)
            document.append(.relatedHash, text)
        case .texts(let field): document.append(field, value)
        case .seconds(let field): document.set(field, seconds: value)
        case .relatedHash:
            if let text = value.encodedString { document.append(.relatedHash, text) }
        case .action: setAction(value)
        case .user: setUser(value)
        case .host: appendHost(value)
        case .address: appendAddress(value)
        }
    }
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
