extension JSONScanner {
    /// Scans a number after the grammar of RFC 8259, whatever its size.
    @inline(__always)
    func endOfNumber(from begin: Int) throws(JSONError) -> (end: Int, JSONKind) {
        let firstDigit = start[begin] == UInt8(ascii: "-") ? begin &+ 1 : begin
        let end = endOfDigits(from: firstDigit)
        let digits = end &- firstDigit
        guard digits > 0, digits == 1 || start[firstDigit] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, offset: begin)
        }
        let next = byte(at: end)
        guard next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") else { return (end, .integer) }
        return (try endOfFraction(from: end, of: begin), .real)
    }

    @inline(never)
    private func endOfFraction(from point: Int, of begin: Int) throws(JSONError) -> Int {
        var position = point
        if byte(at: position) == UInt8(ascii: ".") {
            let end = endOfDigits(from: position + 1)
            guard end > position + 1 else { throw JSONError(.invalidNumber, offset: begin) }
            position = end
        }
        guard byte(at: position) | 0x20 == UInt8(ascii: "e") else { return position }
        let sign = byte(at: position + 1)
        position += sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") ? 2 : 1
        let end = endOfDigits(from: position)
        guard end > position else { throw JSONError(.invalidNumber, offset: begin) }
        return end
    }

    @inline(__always)
    private func endOfDigits(from begin: Int) -> Int {
        var position = begin
        while position < count, start[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        return position
    }
}
