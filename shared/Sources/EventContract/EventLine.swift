/// A line of Suricata's output, which should be one event: one JSON object.
public enum EventLine {
    /// The sentence for files that are laid out in another way.
    public static let rule = "one event on one line is wanted"

    /// U+FEFF in UTF-8, which some programs write at the start of a file.
    public static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Whether the line has nothing but a carriage return at its end or a byte order mark.
    public static func isEmpty(_ line: UnsafeRawBufferPointer) -> Bool {
        let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...]
        return content.isEmpty || content.elementsEqual(byteOrderMark)
    }

    /// Whether the first line of these bytes shows that an event spreads over several lines, or that events are the items of
    /// one array: it is a lone bracket, or opens an array of objects.
    public static func isLaidOut(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.starts(with: byteOrderMark) { line = line.dropFirst(byteOrderMark.count) }
        line = line.drop(while: isBlank)
        while let last = line.last, isBlank(last) { line = line.dropLast() }
        guard let first = line.first else { return false }
        let rest = line.dropFirst().drop(while: isBlank)
        return switch first {
        case UInt8(ascii: "["): rest.isEmpty || rest.first == UInt8(ascii: "{")
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"): rest.isEmpty || rest.elementsEqual(",".utf8)
        default: false
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
