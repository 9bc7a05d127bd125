import Glibc

/// An open file, to be read at given places; closed with its last reference.
final class FileDescriptor {
    /// Opened from this path; it may have another name by now.
    let path: String
    private let number: Int32

    /// Opens a file for reading. It does not wait for the other side of a FIFO.
    init(_ path: String) throws(FileError) {
        number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        self.path = path
        guard number >= 0 else { throw FileError(path: path, code: errno) }
    }

    /// As `init(_:)`, for callers who do not care why it failed.
    convenience init?(opening path: String) {
        do { try self.init(path) } catch { return nil }
    }

    deinit {
        if number >= 0 { close(number) }
    }

    func facts() throws(FileError) -> FileFacts {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileError(path: path, code: errno) }
        return FileFacts(status)
    }

    /// Reads into a buffer.
    /// - Returns: how many bytes were there; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) -> Int {
        while true {
            let count = pread(number, buffer.baseAddress, buffer.count, off_t(clamping: offset))
            if count >= 0 { return count }
            if errno != EINTR { throw FileError(path: path, code: errno) }
        }
    }

    /// At most `count` bytes from `offset` on; fewer at the end of the file.
    func bytes(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let rest = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return Result { () throws(FileError) in try read(into: rest, at: offset + UInt64(filled)) }
            }
            let got = try rest.get()
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Whether these bytes are what comes before an offset.
    func holds(_ tail: [UInt8], before offset: UInt64) throws(FileError) -> Bool {
        try bytes(at: offset - UInt64(tail.count), count: tail.count) == tail
    }

    /// Where the next bytes lie that are no hole, from `offset` on; `offset` itself where the file system cannot tell.
    func dataOffset(from offset: UInt64) -> UInt64 {
        // SEEK_DATA, which Glibc's module does not show.
        let seekData: Int32 = 3
        let found = lseek(number, off_t(clamping: offset), seekData)
        return found < 0 ? offset : UInt64(found)
    }

    /// The first bytes of the file behind leading NUL bytes; nil when there are none yet.
    func head() throws(FileError) -> FileHead? {
        var offset = dataOffset(from: 0)
        while true {
            let bytes = try bytes(at: offset, count: FileHead.bytesMaximum)
            if let first = bytes.firstIndex(where: { $0 != 0 }) {
                let start = offset + UInt64(first)
                let head = first == 0 ? bytes : try self.bytes(at: start, count: FileHead.bytesMaximum)
                return FileHead(start: start, bytes: head)
            }
            if bytes.isEmpty { return nil }
            offset = dataOffset(from: offset + UInt64(bytes.count))
        }
    }
}
