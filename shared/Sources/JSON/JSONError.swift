/// Why bytes are not a JSON text (RFC 8259), and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
    /// What was wrong. New cases may be added.
    public enum Reason: String, Sendable {
        /// The text ended inside a value, or held nothing but white space.
        case unexpectedEnd = "unexpected end"
        /// A byte stands where the grammar allows none like it.
        case unexpectedByte = "unexpected byte"
        /// Something other than white space follows the value.
        case trailingBytes = "bytes after the value"
        /// A number breaks the grammar, such as `01`, `1.` or `+1`.
        case invalidNumber = "invalid number"
        /// A string holds a raw control byte (below 0x20).
        case controlByte = "control byte in a string"
        /// A backslash is followed by something that is not an escape.
        case invalidEscape = "invalid escape"
        /// A string holds bytes that are not UTF-8; everything before them was well formed.
        case invalidUTF8 = "invalid UTF-8"
        /// Arrays and objects are nested beyond the limit.
        case tooDeep = "nested too deeply"
        /// The text holds more values than the limit.
        case tooManyValues = "too many values"
        /// The text is longer than 4 GiB - 1.
        case tooLong = "text too long"
    }

    /// What was wrong.
    public let reason: Reason
    /// Where, in bytes from the start of the text.
    public let offset: Int

    /// An error for `reason` at `offset` bytes from the start of the text.
    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// Reason and place, for people.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
