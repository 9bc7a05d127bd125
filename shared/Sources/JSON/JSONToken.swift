/// The kinds of JSON values.
@frozen public enum JSONKind: UInt8, Sendable {
    case null, `false`, `true`, integer, real, string, array, object
}

/// One entry of the flat tape: a value, or the key of an object's member, which stands before its value.
@frozen @usableFromInline struct JSONToken {
    /// The key occurs again later in the same object; that later member holds the value.
    @usableFromInline static let superseded: UInt8 = 1
    /// The string holds at least one backslash.
    @usableFromInline static let escaped: UInt8 = 2

    /// First byte of the value's text; for strings the opening quote.
    @usableFromInline var start: UInt32
    /// One past the last byte of the value's text; for strings one past the closing quote.
    @usableFromInline var end: UInt32
    /// Values: index of the token after this one and all that it holds. Keys: hash of the decoded key.
    @usableFromInline var link: UInt32
    @usableFromInline var kind: JSONKind
    @usableFromInline var flags: UInt8

    @inlinable init(start: UInt32, end: UInt32, link: UInt32, kind: JSONKind, flags: UInt8 = 0) {
        self.start = start
        self.end = end
        self.link = link
        self.kind = kind
        self.flags = flags
    }
}
