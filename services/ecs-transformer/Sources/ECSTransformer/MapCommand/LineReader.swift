import Files
import Glibc

/// Gives the lines of a descriptor one after the other, in one buffer that grows to the longest line and no further than
/// the limit.
///
/// Not the `LineAssembler` of `eve-reader`, on purpose: that one is pushed the pieces of a file that still grows, may never
/// wait, and hands on no line before its end is written. This one pulls from a descriptor, which may be a pipe, to its end.
struct LineReader: ~Copyable {
    /// One line.
    enum Line {
        /// Its bytes without the newline, valid until the next call.
        case bytes(UnsafeRawBufferPointer)
        /// Too long: only its first part was kept.
        case oversize(head: UnsafeRawBufferPointer, byteCount: Int)
    }

    private static let smallestCapacity = 1 << 18

    private let descriptor: Int32
    private let path: String
    private let lineBytesMax: Int
    private var buffer = UnsafeMutableRawPointer.allocate(byteCount: smallestCapacity, alignment: 16)
    private var capacity = smallestCapacity
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    /// Bytes of the line at hand that were thrown away because it is too long.
    private var skippedBytes = 0

    /// Where the line that `next` gave last starts in the file, in bytes.
    private(set) var offset: UInt64 = 0
    private var nextOffset: UInt64 = 0

    /// Reads from a descriptor, which stays the caller's.
    /// - Parameter path: names the file in errors.
    init(descriptor: Int32, path: String, lineBytesMax: Int) {
        self.descriptor = descriptor
        self.path = path
        self.lineBytesMax = lineBytesMax
    }

    deinit { buffer.deallocate() }

    /// The next line; nil at the end. The last line may be without a newline.
    /// - Throws: `FileError` when reading fails.
    mutating func next() throws(FileError) -> Line? {
        var searched = 0
        offset = nextOffset
        skippedBytes = 0
        while true {
            let available = end - start - searched
            if available > 0, let newline = memchr(buffer + start + searched, 0x0A, available) {
                return take(buffer.distance(to: newline) - start, newlineBytes: 1)
            }
            searched = end - start
            if isAtEnd { return searched + skippedBytes > 0 ? take(searched, newlineBytes: 0) : nil }
            if searched > lineBytesMax {
                // The head stays for the report, the rest is not needed.
                skippedBytes += searched - lineBytesMax
                end = start + lineBytesMax
                searched = lineBytesMax
            }
            try fill()
        }
    }

    private mutating func take(_ count: Int, newlineBytes: Int) -> Line {
        let bytes = UnsafeRawBufferPointer(start: buffer + start, count: count)
        start += count + newlineBytes
        nextOffset += UInt64(count + newlineBytes + skippedBytes)
        guard count + skippedBytes > lineBytesMax else { return .bytes(bytes) }
        let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(lineBytesMax))
        return .oversize(head: head, byteCount: count + skippedBytes)
    }

    /// Reads more behind what is there, after making room for it.
    private mutating func fill() throws(FileError) {
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            (start, end) = (0, end - start)
        }
        if end == capacity {
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity * 2, alignment: 16)
            memcpy(larger, buffer, end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        while true {
            let count = read(descriptor, buffer + end, capacity - end)
            if count >= 0 {
                isAtEnd = count == 0
                end += count
                return
            }
            if errno != EINTR { throw FileError(path, .read, .refused(errno)) }
        }
    }
}
