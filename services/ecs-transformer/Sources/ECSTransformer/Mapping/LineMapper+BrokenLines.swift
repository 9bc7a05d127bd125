import EventContract
import JSON

// Lines that are not exactly one well-formed event. A line that is one never comes here.
extension LineMapper {
    /// The most events that are looked for in one line.
    private static let partsMax = 64
    /// The longest text that a repair may give, in bytes: what a document has room for.
    private static let repairedBytesMax = BatchHeader.bodyBytesMax
    /// The member that Suricata writes first in each event.
    private static let firstKey = Array("\"timestamp\"".utf8)

    /// Maps what can be mapped of a line, and rejects the rest part by part.
    mutating func mapUnusual(_ line: UnsafeRawBufferPointer, readTime: Int64, _ each: Receiver) {
        var offset = Self.padding(before: line)
        var parts = 0
        while offset < line.count {
            var part = UnsafeRawBufferPointer(rebasing: line[offset...])
            parts += 1
            do throws(JSONError) {
                let outcome = try outcome(of: part, readTime: readTime)
                return each(part, offset, outcome)
            } catch {
                guard parts < Self.partsMax else {
                    return each(part, offset, .rejected(Rejection(error, of: part)))
                }
                if error.reason == .trailingBytes, Self.isEventFront(part) {
                    // A whole event is in front: it is taken alone, and what follows it next.
                    part = UnsafeRawBufferPointer(rebasing: part[..<error.offset])
                    let outcome = try? outcome(of: part, readTime: readTime)
                    each(part, offset, outcome ?? .rejected(Rejection(error, of: part)))
                    offset += part.count
                } else {
                    let next = Self.nextEvent(in: part) ?? part.count
                    part = UnsafeRawBufferPointer(rebasing: part[..<next])
                    each(part, offset, .rejected(Rejection(error, of: part)))
                    offset += next
                }
            }
        }
        if parts == 0 { each(line, 0, .rejected(Rejection(reason: .empty, description: "the line is empty"))) }
    }

    private mutating func outcome(
        of part: UnsafeRawBufferPointer, readTime: Int64
    ) throws(JSONError) -> Outcome {
        let root: JSONNode
        do throws(JSONError) {
            root = try tree.parse(part)
        } catch {
            guard error.reason == .invalidUTF8 else { throw error }
            // A repair moves bytes, so other mistakes are looked for first: their place in the line goes into the report.
            try check(JSONText.maskedUTF8(part))
            guard JSONText.repairedBytesMax(part) <= Self.repairedBytesMax else {
                return .rejected(
                    Rejection(reason: .tooLarge, description: "too long once its bytes that are not UTF-8 are repaired")
                )
            }
            return try outcome(of: JSONText.repairedUTF8(part), tag: "invalid_utf8_repaired", readTime: readTime)
        }
        guard root.kind == .object else { return .rejected(.notObject(part)) }
        guard tree.hasDuplicateKeys else { return document(of: root, tag: nil, readTime: readTime) }
        var unique: [UInt8] = []
        root.appendWithoutDuplicates(to: &unique)
        return try outcome(of: unique, tag: "duplicate_keys_removed", readTime: readTime)
    }

    private mutating func check(_ text: [UInt8]) throws(JSONError) {
        let result = text.withUnsafeBytes { text in Result { () throws(JSONError) in _ = try tree.parse(text) } }
        try result.get()
    }

    /// Maps a repaired text. The document's bytes are the mapper's own, so the text need not outlive the call.
    private mutating func outcome(
        of text: [UInt8], tag: StaticString, readTime: Int64
    ) throws(JSONError) -> Outcome {
        let result = text.withUnsafeBytes { text in
            Result { () throws(JSONError) in
                let root = try tree.parse(text)
                guard root.kind == .object else { return Outcome.rejected(.notObject(text)) }
                guard tree.hasDuplicateKeys else { return document(of: root, tag: tag, readTime: readTime) }
                var unique: [UInt8] = []
                root.appendWithoutDuplicates(to: &unique)
                return unique.withUnsafeBytes { unique in
                    guard let root = try? tree.parse(unique) else { return .rejected(.notObject(unique)) }
                    return document(of: root, tag: tag, readTime: readTime)
                }
            }
        }
        return try result.get()
    }

    /// The number of bytes in front of an event that do not belong to it: NULs that a hole in the file has left, a byte
    /// order mark, and the mark `@cee:` that Suricata's `prefix` option writes for syslog.
    private static func padding(before line: UnsafeRawBufferPointer) -> Int {
        var offset = line.firstIndex { $0 != 0 } ?? line.count
        if line[offset...].starts(with: EventLine.byteOrderMark) { offset += EventLine.byteOrderMark.count }
        if line[offset...].starts(with: "@cee:".utf8) { offset += 5 }
        return offset
    }

    /// Where another event starts behind the first byte.
    private static func nextEvent(in part: UnsafeRawBufferPointer) -> Int? {
        let text = EncodedText(part)
        var start = 1
        while let brace = text.firstIndex(of: "{", from: start) {
            if isEventFront(text.part(from: brace).buffer) { return brace }
            start = brace + 1
        }
        return nil
    }

    /// Whether the bytes begin as an event does: with a brace and the member `timestamp`, with blanks or without.
    private static func isEventFront(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.first == UInt8(ascii: "{") else { return false }
        let key = bytes.dropFirst().drop(while: isBlank)
        guard key.starts(with: firstKey) else { return false }
        return key.dropFirst(firstKey.count).first { !isBlank($0) } == UInt8(ascii: ":")
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}

extension Rejection {
    fileprivate static func notObject(_ part: UnsafeRawBufferPointer) -> Rejection {
        Rejection(reason: .notObject, description: "JSON, but not an object\(hint(part))")
    }

    fileprivate init(_ error: JSONError, of part: UnsafeRawBufferPointer) {
        let isComplex = error.reason == .tooDeep || error.reason == .tooManyValues || error.reason == .tooLong
        reason = isComplex ? .tooComplex : .notJSON
        description = isComplex ? "\(error)" : "not JSON: \(error)\(Self.hint(part))"
    }

    private static func hint(_ part: UnsafeRawBufferPointer) -> String {
        EventLine.isLaidOut(part) ? "; \(EventLine.rule)" : ""
    }
}
