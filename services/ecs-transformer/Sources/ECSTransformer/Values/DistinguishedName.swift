/// Splits the names of certificates, as Suricata prints them: `C=US, O=Acme U.S.A., INC., CN=update.acme.com`.
///
/// A comma may also stand in a value, so a part ends only where another `KEY=` follows; a byte behind a backslash never
/// ends a part. Old releases append an address with `/emailAddress=`.
struct DistinguishedName {
    private var rest: EncodedText

    /// Starts with a name in decoded text.
    init(_ text: EncodedText) { rest = text }

    /// The next part's key and value; nil at the end.
    mutating func next() -> (key: EncodedText, value: EncodedText)? {
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest.part(from: 0, to: equals).trimmed
            let end = endOfValue(from: equals + 1)
            let value = rest.part(from: equals + 1, to: end).trimmed
            rest = rest.part(from: min(end + 1, rest.count))
            if !key.isEmpty, !value.isEmpty { return (key, value) }
        }
        return nil
    }

    private func endOfValue(from start: Int) -> Int {
        var offset = start
        while offset < rest.count {
            switch rest.bytes[offset] {
            case UInt8(ascii: "\\"): offset += 1
            case UInt8(ascii: ","), UInt8(ascii: "+"):
                if startsPart(at: offset + 1) { return offset }
            case UInt8(ascii: "/"):
                if rest.part(from: offset).hasPrefix("/emailAddress=") { return offset }
            default: break
            }
            offset += 1
        }
        return rest.count
    }

    /// Whether a short key and an equals sign follow.
    private func startsPart(at start: Int) -> Bool {
        var offset = start
        while offset < rest.count, rest.bytes[offset] == 0x20 { offset += 1 }
        let first = offset
        while offset < rest.count, offset - first < 24, Self.isKeyByte(rest.bytes[offset]) { offset += 1 }
        return offset > first && offset < rest.count && rest.bytes[offset] == UInt8(ascii: "=")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        ASCII.isLetterOrDigit(byte) || byte == UInt8(ascii: ".")
    }
}
