import JSON
import Networks

/// Text as it stands between the quotes of a JSON string, in memory that belongs to someone else: the event's line, the
/// mapping's arena, or a constant.
struct EncodedText {
    let bytes: UnsafePointer<UInt8>
    let count: Int

    @inline(__always)
    init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        self.bytes = bytes
        self.count = count
    }

    @inline(__always)
    init(_ buffer: UnsafeRawBufferPointer) {
        let none: StaticString = ""
        bytes = buffer.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: UInt8.self)) } ?? none.utf8Start
        count = buffer.count
    }

    /// A constant that needs no escapes.
    @inline(__always)
    init(_ constant: StaticString) {
        bytes = constant.utf8Start
        count = constant.utf8CodeUnitCount
    }

    @inline(__always) var isEmpty: Bool { count == 0 }

    @inline(__always) var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }

    @inline(__always)
    func isEqual(to constant: StaticString) -> Bool { isEqual(to: EncodedText(constant)) }

    @inline(__always)
    func isEqual(to other: EncodedText) -> Bool {
        count == other.count && JSONText.areEqual(bytes, other.bytes, count: count)
    }

    /// Whether the text is, in any case, this constant, which is in lower case.
    func isEqual(toLowercase constant: StaticString) -> Bool {
        count == constant.utf8CodeUnitCount
            && (0..<count).allSatisfy { ASCII.lowercase(bytes[$0]) == constant.utf8Start[$0] }
    }

    /// Whether the text starts with a constant.
    func hasPrefix(_ constant: StaticString) -> Bool {
        count >= constant.utf8CodeUnitCount
            && EncodedText(bytes, count: constant.utf8CodeUnitCount).isEqual(to: constant)
    }

    /// The part from `lower` on, up to but not including `upper`.
    @inline(__always)
    func part(from lower: Int, to upper: Int) -> EncodedText { EncodedText(bytes + lower, count: upper - lower) }

    /// The part from `lower` on.
    @inline(__always)
    func part(from lower: Int) -> EncodedText { EncodedText(bytes + lower, count: count - lower) }

    /// The position of a byte, from `start` on.
    @inline(__always)
    func firstIndex(of byte: Unicode.Scalar, from start: Int = 0) -> Int? {
        let byte = UInt8(ascii: byte)
        var offset = start
        while offset < count {
            if bytes[offset] == byte { return offset }
            offset &+= 1
        }
        return nil
    }

    /// The last position of a byte.
    func lastIndex(of byte: Unicode.Scalar) -> Int? {
        let byte = UInt8(ascii: byte)
        var offset = count
        while offset > 0 {
            offset &-= 1
            if bytes[offset] == byte { return offset }
        }
        return nil
    }

    /// The text without spaces at either end.
    var trimmed: EncodedText {
        var lower = 0
        var upper = count
        while lower < upper, bytes[lower] == 0x20 { lower += 1 }
        while upper > lower, bytes[upper - 1] == 0x20 { upper -= 1 }
        return part(from: lower, to: upper)
    }
}

extension EncodedText {
    /// Whether the text is made of the digits 0 to 9 only, and has some.
    var isDecimal: Bool { !isEmpty && buffer.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } }

    /// Whether the text is made of hexadecimal digits only.
    var isHexadecimal: Bool { buffer.allSatisfy { JSONText.hexValue($0) != nil } }

    /// The text, or nil when it is empty.
    var nonEmpty: EncodedText? { isEmpty ? nil : self }

    /// The text between two brackets; the whole text where it does not have both, with something between them.
    func between(_ opening: Unicode.Scalar, _ closing: Unicode.Scalar) -> EncodedText {
        count > 2 && bytes[0] == UInt8(ascii: opening) && bytes[count - 1] == UInt8(ascii: closing)
            ? part(from: 1, to: count - 1) : self
    }
}

extension IPAddress {
    /// Reads an address as ``init(text:)`` does.
    init?(_ text: EncodedText) { self.init(text: text.buffer) }
}
