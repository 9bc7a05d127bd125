/// Reads a JSON text once, checks its grammar and leaves its tokens on a tape.
///
/// Positions are handed from step to step as values, so that they stay in registers. Behind the end every step sees a
/// NUL, which no step accepts; the error distinguishes the end from such a byte.
struct JSONScanner {
    let start: UnsafePointer<UInt8>
    let count: Int
    let keyHash: JSONKeyHash
    let findsDuplicateKeys: Bool

    /// Scans the whole text, and returns whether an object has a key twice. `open` has room for `depthLimit` containers.
    func scan(
        into tape: inout JSONTape, keyIndex: inout JSONKeyIndex,
        open: UnsafeMutablePointer<UInt32>, depthLimit: Int
    ) throws(JSONError) -> Bool {
        var position = skippingWhitespace(from: 0)
        var depth = 0
        /// The token of the object that is open, or -1 in an array and outside.
        var object = -1
        var foundDuplicate = false
        values: while true {
            // Wherever a value is due in an object, its key comes first.
            if object >= 0 { position = try scanKey(at: position, of: object, &tape, &keyIndex, &foundDuplicate) }
            let first = byte(at: position)
            if first == UInt8(ascii: "\"") {
                let (end, flags) = try endOfString(from: position)
                try append(.string, from: position, to: end, flags: flags, &tape)
                position = end
            } else if first &- UInt8(ascii: "0") < 10 || first == UInt8(ascii: "-") {
                let (end, kind) = try endOfNumber(from: position)
                try append(kind, from: position, to: end, flags: 0, &tape)
                position = end
            } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard depth < depthLimit else { throw JSONError(.tooDeep, offset: position) }
                let isObject = first == UInt8(ascii: "{")
                let token = tape.count
                open[depth] = UInt32(truncatingIfNeeded: token)
                depth &+= 1
                try append(isObject ? .object : .array, from: position, to: position, flags: 0, &tape)
                object = isObject ? token : -1
                position = skippingWhitespace(from: position &+ 1)
                if byte(at: position) != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { continue values }
            } else {
                let (end, kind) = try endOfLiteral(first, from: position)
                try append(kind, from: position, to: end, flags: 0, &tape)
                position = end
            }
            // A value has ended: either the text ends, or its container goes on or ends too.
            while depth > 0 {
                position = skippingWhitespace(from: position)
                let next = byte(at: position)
                if next == UInt8(ascii: ",") {
                    position = skippingWhitespace(from: position &+ 1)
                    continue values
                }
                guard next == (object >= 0 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw unexpectedByte(at: position)
                }
                position &+= 1
                depth &-= 1
                let closed = Int(open[depth])
                tape.tokens[closed].end = UInt32(truncatingIfNeeded: position)
                tape.tokens[closed].link = UInt32(truncatingIfNeeded: tape.count)
                guard depth > 0 else { break }
                let outer = Int(open[depth &- 1])
                object = tape.tokens[outer].kind == .object ? outer : -1
            }
            break
        }
        position = skippingWhitespace(from: position)
        guard position == count else { throw JSONError(.trailingBytes, offset: position) }
        return foundDuplicate
    }

    /// The byte at a position, or NUL behind the end.
    @inline(__always)
    func byte(at position: Int) -> UInt8 { position < count ? start[position] : 0 }

    /// The error for a byte that the grammar has no place for, or for the end.
    func unexpectedByte(at position: Int) -> JSONError {
        position < count ? JSONError(.unexpectedByte, offset: position) : JSONError(.unexpectedEnd, offset: count)
    }

    @inline(__always)
    private func append(
        _ kind: JSONKind, from begin: Int, to end: Int, flags: UInt8, _ tape: inout JSONTape
    ) throws(JSONError) {
        let token = JSONToken(
            start: UInt32(truncatingIfNeeded: begin), end: UInt32(truncatingIfNeeded: end),
            link: UInt32(truncatingIfNeeded: tape.count &+ 1), kind: kind, flags: flags)
        guard tape.append(token) else { throw JSONError(.tooManyValues, offset: begin) }
    }

    /// Scans a key and its colon, and gives the position of the value.
    @inline(__always)
    private func scanKey(
        at begin: Int, of object: Int, _ tape: inout JSONTape, _ keyIndex: inout JSONKeyIndex,
        _ foundDuplicate: inout Bool
    ) throws(JSONError) -> Int {
        guard byte(at: begin) == UInt8(ascii: "\"") else { throw unexpectedByte(at: begin) }
        let (end, flags) = try endOfString(from: begin)
        let hash: UInt32
        if flags == 0, count &- begin > 16 {
            hash = keyHash.hash(start + (begin &+ 1), count: end &- begin &- 2, readable: count &- begin &- 1)
        } else {
            hash = hashOfUnusualKey(from: begin, to: end)
        }
        let index = tape.count
        let token = JSONToken(
            start: UInt32(truncatingIfNeeded: begin), end: UInt32(truncatingIfNeeded: end), link: hash,
            kind: .string, flags: flags)
        guard tape.append(token) else { throw JSONError(.tooManyValues, offset: begin) }
        if findsDuplicateKeys {
            let tokens = tape.tokens
            let earlier = keyIndex.insert(index, hash: hash, object: object) { other in
                JSONNode(tokens: tokens, bytes: start, index: other)
                    .hasSameText(as: JSONNode(tokens: tokens, bytes: start, index: index))
            }
            if let earlier {
                tokens[earlier].flags |= JSONToken.superseded
                foundDuplicate = true
            }
        }
        let colon = skippingWhitespace(from: end)
        guard byte(at: colon) == UInt8(ascii: ":") else { throw unexpectedByte(at: colon) }
        return skippingWhitespace(from: colon &+ 1)
    }

    /// The hash of a key with escapes, or close to the end of the text.
    @inline(never)
    private func hashOfUnusualKey(from begin: Int, to end: Int) -> UInt32 {
        var decoded: [UInt8] = []
        JSONText.appendDecoded(
            UnsafeRawBufferPointer(start: start + (begin + 1), count: end - begin - 2), to: &decoded)
        return decoded.withUnsafeBufferPointer { keyHash($0.baseAddress ?? start, count: $0.count) }
    }

    @inline(__always)
    private func skippingWhitespace(from begin: Int) -> Int {
        if begin < count, start[begin] > 0x20 { return begin }
        return skippingSomeWhitespace(from: begin)
    }

    /// Apart from the rest, since the texts of machines have mostly none.
    @inline(never)
    private func skippingSomeWhitespace(from begin: Int) -> Int {
        var position = begin
        while position < count, start[position] <= 0x20 {
            let byte = start[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            position &+= 1
        }
        return position
    }

    @inline(never)
    private func endOfLiteral(_ first: UInt8, from begin: Int) throws(JSONError) -> (end: Int, JSONKind) {
        let (literal, kind): (StaticString, JSONKind)
        switch first {
        case UInt8(ascii: "t"): (literal, kind) = ("true", .true)
        case UInt8(ascii: "f"): (literal, kind) = ("false", .false)
        case UInt8(ascii: "n"): (literal, kind) = ("null", .null)
        default: throw unexpectedByte(at: begin)
        }
        for index in 0..<literal.utf8CodeUnitCount where byte(at: begin + index) != literal.utf8Start[index] {
            throw unexpectedByte(at: begin + index)
        }
        return (begin + literal.utf8CodeUnitCount, kind)
    }
}
