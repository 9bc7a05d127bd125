extension JSONNode {
    /// The value of a number that is whole, however it is written (`2`, `2.0`); nil for any other kind and outside of the
    /// range of `Int64`.
    @inlinable public var int64: Int64? {
        guard kind == .integer || kind == .real else { return nil }
        return JSONText.wholeNumber(raw)
    }

    /// The same within the range of `UInt64`; numbers with a point or an exponent only within the range of `Int64`.
    @inlinable public var uint64: UInt64? {
        guard kind == .integer else { return int64.flatMap(UInt64.init(exactly:)) }
        var value: UInt64 = 0
        for byte in raw {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
            guard byte &- UInt8(ascii: "0") < 10, !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// A number's value, rounded to what a `Double` can hold; nil for any other kind.
    public var double: Double? {
        guard kind == .integer || kind == .real else { return nil }
        return Double(String(decoding: raw, as: UTF8.self))
    }

    /// A boolean's value; nil for any other kind.
    @inlinable public var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A string's decoded text; nil for any other kind.
    public var string: String? {
        guard kind == .string else { return nil }
        guard hasEscapes else { return String(decoding: content, as: UTF8.self) }
        var decoded: [UInt8] = []
        JSONText.appendDecoded(content, to: &decoded)
        return String(decoding: decoded, as: UTF8.self)
    }

    /// A string's text as it may be shown to people; nil for any other kind.
    public var printable: String? { string?.printable }
}

extension String {
    /// The text with spaces for control characters (C0, DEL, C1), by which others could write on somebody's terminal.
    public var printable: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
