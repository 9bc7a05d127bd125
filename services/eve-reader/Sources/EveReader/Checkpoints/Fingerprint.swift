import Digest

/// What a stretch of a file holds, to recognise it again without keeping the bytes.
struct Fingerprint: Equatable {
    /// Where the stretch begins in the file.
    var start: UInt64
    /// How long it is, in bytes.
    var length: Int
    /// XXH3-64 of its bytes.
    var hash: UInt64

    init(start: UInt64, length: Int, hash: UInt64) {
        self.start = start
        self.length = length
        self.hash = hash
    }

    init(of bytes: [UInt8], at start: UInt64) {
        self.init(start: start, length: bytes.count, hash: bytes.withUnsafeBytes(ContentHash.bits64))
    }

    /// Where the stretch ends.
    var end: UInt64 { start + UInt64(length) }

    /// Whether these bytes begin with what was there.
    func matches(_ bytes: [UInt8]) -> Bool {
        bytes.count >= length && Fingerprint(of: Array(bytes.prefix(length)), at: start) == self
    }
}
