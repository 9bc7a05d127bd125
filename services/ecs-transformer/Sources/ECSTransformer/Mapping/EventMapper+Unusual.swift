import JSON

// Lines that are not exactly one well-formed event. None of this costs anything for a line that is.
extension EventMapper {
    /// The most events that are looked for in one line.
    private static let partsMax = 64
    /// How Suricata starts each event.
    private static let eventFront = Array("{\"timestamp\":\"".utf8)

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
                    return each(part, offset, .rejected(Rejection(error)))
                }
                if error.reason == .trailingBytes, part.starts(with: Self.eventFront) {
                    // A whole event is in front: it is taken alone, and what follows it next.
                    part = UnsafeRawBufferPointer(rebasing: part[..<error.offset])
                    let outcome = try? outcome(of: part, readTime: readTime)
                    each(part, offset, outcome ?? .rejected(Rejection(error)))
                    offset += part.count
                } else {
                    let next = Self.nextEvent(in: part) ?? part.count
                    part = UnsafeRawBufferPointer(rebasing: part[..<next])
                    each(part, offset, .rejected(Rejection(error)))
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
            // Repairing moves bytes; a mistake that is left must be found at its place in the line.
            try check(JSONText.maskedUTF8(part))
            return try outcome(of: JSONText.repairedUTF8(part), tag: "invalid_utf8_repaired", readTime: readTime)
        }
        guard root.kind == .object else { return .rejected(.notObject) }
        guard tree.hasDuplicateKeys else { return document(of: root, tag: nil, readTime: readTime) }
        var unique: [UInt8] = []
        root.appendWithoutDuplicates(to: &unique)
        return try outcome(of: unique, tag: "duplicate_keys_removed", readTime: readTime)
    }

    private mutating func check(_ text: [UInt8]) throws(JSONError) {
        let result = text.withUnsafeBytes { text in Result { () throws(JSONError) in _ = try tree.parse(text) } }
        try result.get()
    }

    /// Maps a text that has been put right. The document's bytes are the mapper's own, so the text may go.
    private mutating func outcome(
        of text: [UInt8], tag: StaticString, readTime: Int64
    ) throws(JSONError) -> Outcome {
        let result = text.withUnsafeBytes { text in
            Result { () throws(JSONError) in
                let root = try tree.parse(text)
                guard root.kind == .object else { return Outcome.rejected(.notObject) }
                guard tree.hasDuplicateKeys else { return document(of: root, tag: tag, readTime: readTime) }
                var unique: [UInt8] = []
                root.appendWithoutDuplicates(to: &unique)
                return unique.withUnsafeBytes { unique in
                    guard let root = try? tree.parse(unique) else { return .rejected(.notObject) }
                    return document(of: root, tag: tag, readTime: readTime)
                }
            }
        }
        return try result.get()
    }

    /// The length of what stands before an event without being part of it: NULs that a hole in the file has left, and
    /// the mark `@cee:` that Suricata's `prefix` option writes for syslog.
    private static func padding(before line: UnsafeRawBufferPointer) -> Int {
        var offset = line.firstIndex { $0 != 0 } ?? line.count
        if line[offset...].starts(with: "@cee:".utf8) { offset += 5 }
        return offset
    }

    /// Where another event starts behind the first byte.
    private static func nextEvent(in part: UnsafeRawBufferPointer) -> Int? {
        let text = EncodedText(part)
        var start = 1
        while let brace = text.firstIndex(of: "{", from: start) {
            if text.part(from: brace).buffer.starts(with: Self.eventFront) { return brace }
            start = brace + 1
        }
        return nil
    }
}

extension Rejection {
    fileprivate static let notObject = Rejection(reason: .notObject, description: "JSON, but not an object")

    fileprivate init(_ error: JSONError) {
        let isComplex = error.reason == .tooDeep || error.reason == .tooManyValues || error.reason == .tooLong
        reason = isComplex ? .tooComplex : .notJSON
        description = isComplex ? "\(error)" : "not JSON: \(error)"
    }
}
