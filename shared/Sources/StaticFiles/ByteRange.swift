/// The part of a content that `Range` asks for.
enum ByteRange: Equatable {
    /// All: nothing, several parts or something unknown is asked for.
    case whole
    case part(Range<Int>)
    /// None of the bytes that are asked for are there.
    case unsatisfiable

    /// - Parameters:
    ///   - header: such as `bytes=0-99`, `bytes=100-` or `bytes=-100`.
    ///   - byteCount: of the whole content.
    init(_ header: String?, byteCount: Int) {
        self = .whole
        guard let header, header.hasPrefix("bytes=") else { return }
        let ends = header.dropFirst("bytes=".count).split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }) else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (nil, nil): return
        case (nil, let length?):
            let start = max(0, byteCount - length)
            self = length == 0 || byteCount == 0 ? .unsatisfiable : .part(start..<byteCount)
        case (let start?, let last):
            if let last, last < start { return }
            guard start < byteCount else {
                self = .unsatisfiable
                return
            }
            self = .part(start..<min(last ?? byteCount - 1, byteCount - 1) + 1)
        }
    }

    /// nil for no digits; a number that is too large is the largest.
    private static func number(_ digits: Substring) -> Int? {
        digits.isEmpty ? nil : Int(digits) ?? Int.max
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
