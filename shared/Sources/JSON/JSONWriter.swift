/// Writes one JSON text from its front to its end; commas, quotes and escapes are its own matter.
///
/// ```swift
/// let bytes = JSONWriter.object { $0.member("name", "pi"); $0.member("bytes", 7) }
/// ```
public struct JSONWriter {
    /// What was written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Nothing is written yet.
    public init() {
        // Most texts fit, and those that do not grow from here in fewer steps.
        bytes.reserveCapacity(256)
    }

    /// The bytes of an object with these members.
    public static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(members)
        return writer.bytes
    }

    /// The text of an object with these members.
    public static func objectText(_ members: (inout JSONWriter) -> Void) -> String {
        String(decoding: object(members), as: UTF8.self)
    }

    /// The bytes of a value.
    public static func bytes(of value: some JSONWritable) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }

    /// Writes an object, whose members the body writes.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        enclosed(by: ("{", "}"), members)
    }

    /// Writes an array, whose elements the body writes.
    public mutating func array(_ elements: (inout JSONWriter) -> Void) {
        enclosed(by: ("[", "]"), elements)
    }

    /// Writes the name of a member, to be followed by its value.
    public mutating func name(_ name: String) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member.
    @inlinable public mutating func member(_ name: String, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes a member that is an object.
    public mutating func object(_ name: String, _ members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    /// Writes a member that is an array.
    public mutating func array(_ name: String, _ elements: (inout JSONWriter) -> Void) {
        self.name(name)
        array(elements)
    }

    /// Writes a value.
    @inlinable public mutating func value(_ value: some JSONWritable) { value.write(to: &self) }

    /// Writes a string, of which the body appends what stands between the quotes, escapes and all.
    public mutating func text(escapedBy append: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes bytes that are JSON already.
    public mutating func json(_ json: [UInt8]) {
        separate()
        bytes += json
        needsComma = true
    }

    /// Writes a text that is JSON already.
    public mutating func json(_ json: String) {
        separate()
        bytes += json.utf8
        needsComma = true
    }

    /// Where the text ends now.
    public var end: End { End(byteCount: bytes.count, needsComma: needsComma) }

    /// Takes back what was written after `end`, in the same object or array.
    public mutating func cut(back end: End) {
        bytes.removeSubrange(end.byteCount...)
        needsComma = end.needsComma
    }

    /// An end that a text has had.
    public struct End {
        fileprivate let byteCount: Int
        fileprivate let needsComma: Bool
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func enclosed(
        by brackets: (Unicode.Scalar, Unicode.Scalar), _ content: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: brackets.0))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: brackets.1))
        needsComma = true
    }
}

/// A value that is one JSON value.
public protocol JSONWritable {
    /// Writes the value, and nothing else.
    func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
    /// A string.
    public func write(to writer: inout JSONWriter) {
        writer.text { bytes in
            var text = self
            text.withUTF8 { JSONText.appendEscaped(UnsafeRawBufferPointer($0), to: &bytes) }
        }
    }
}

extension Bool: JSONWritable {
    /// `true` or `false`.
    public func write(to writer: inout JSONWriter) { writer.json(description) }
}

extension Double: JSONWritable {
    /// A number; `null` for what JSON has no number for.
    public func write(to writer: inout JSONWriter) { writer.json(isFinite ? description : "null") }
}

extension JSONWritable where Self: BinaryInteger {
    /// A number with all its digits.
    public func write(to writer: inout JSONWriter) { writer.json(description) }
}

extension Int: JSONWritable {}
extension Int32: JSONWritable {}
extension Int64: JSONWritable {}
extension UInt16: JSONWritable {}
extension UInt64: JSONWritable {}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// The value, or `null`.
    public func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.json("null") }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// An array.
    public func write(to writer: inout JSONWriter) {
        writer.array { writer in for element in self { writer.value(element) } }
    }
}
