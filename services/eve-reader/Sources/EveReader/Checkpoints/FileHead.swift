import Digest
import EventContract
import Files

/// The first bytes of a file, which tell it from all others: lines of EVE begin with a time in microseconds.
///
/// The head begins behind leading NUL bytes (a file that was truncated under a writer that kept its offset has a hole in
/// front) and grows with the file up to a bound, so that files of twenty bytes have one too.
struct FileHead: Equatable {
    /// The bound of a head, in bytes.
    static let bytesMaximum = 1024
    /// How long a head must be to be looked for in other files: as long as the front of an event with its time.
    static let tellingBytes = 48

    /// Where the first byte that is not NUL lies.
    let start: UInt64
    /// At most `bytesMaximum` bytes from there on.
    let bytes: [UInt8]

    init(start: UInt64, bytes: [UInt8]) {
        (self.start, self.bytes) = (start, bytes)
    }

    /// The head of a file; nil when it holds nothing yet, or NUL bytes only.
    init?(of file: OpenFile) throws(FileError) {
        var offset = file.dataOffset(from: 0)
        while true {
            let bytes = try file.bytes(at: offset, count: Self.bytesMaximum)
            if let first = bytes.firstIndex(where: { $0 != 0 }) {
                start = offset + UInt64(first)
                self.bytes = first == 0 ? bytes : try file.bytes(at: start, count: Self.bytesMaximum)
                return
            }
            if bytes.isEmpty { return nil }
            offset = file.dataOffset(from: offset + UInt64(bytes.count))
        }
    }

    /// Whether the head will not grow any more.
    var isComplete: Bool { bytes.count >= Self.bytesMaximum }

    /// What a checkpoint keeps of the head.
    var fingerprint: Fingerprint { Fingerprint(of: bytes, at: start) }

    /// The identity of the file in the ids of its events.
    ///
    /// Only the first line counts (as far as the head holds it), so the identity is fixed from the first complete line
    /// on, however the head grows afterwards.
    ///
    /// - Parameter place: where the file lay when it was seen first.
    func identity(at place: FilePlace) -> FileIdentity {
        let newline = bytes.firstIndex(of: UInt8(ascii: "\n"))
        var text = Array("\(place) \(start) ".utf8)
        text += bytes[..<(newline.map { $0 + 1 } ?? bytes.count)]
        let (high, low) = text.withUnsafeBytes { ContentHash.bits128($0) }
        return FileIdentity(high: high, low: low)
    }

    /// Whether another file with this head has the same content as far as both are known. Heads shorter than the front
    /// of any event prove nothing.
    func isPrefixOrExtension(of other: FileHead) -> Bool {
        let common = min(bytes.count, other.bytes.count)
        return start == other.start && common >= Self.tellingBytes
            && bytes.prefix(common) == other.bytes.prefix(common)
    }
}
