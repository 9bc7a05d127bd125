import Glibc

/// An open regular file, to be read at given places; closed with its last reference.
final class FileDescriptor {
    /// Opened from this path; it may have another name by now.
    let path: String
    private let number: Int32

    /// Opens a file for reading.
    ///
    /// Whoever may write to the folder can put something else in the place of a file at any moment, so what was opened
    /// is judged and not what had the path before. Opening does not wait for the other side of a FIFO.
    ///
    /// - Parameter followsLink: whether a symbolic link stands for the file that it leads to.
    init(_ path: String, followsLink: Bool = false) throws(FileError) {
        number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLink ? 0 : O_NOFOLLOW))
        let code = errno
        self.path = path
        guard number >= 0 else {
            throw code == ELOOP && !followsLink
                ? FileError(path: path, .notRegular(.link)) : FileError(path: path, code: code)
        }
        let kind = try facts().kind
        guard kind == .regular else { throw FileError(path: path, .notRegular(kind)) }
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

    /// Whether the file begins as archives of the usual compressors do.
    func isCompressed() throws(FileError) -> Bool {
        let front = try bytes(at: 0, count: 6)
        return Self.compressedFronts.contains { front.starts(with: $0) }
    }

    /// gzip, xz, zstd, lz4, bzip2, zip.
    private static let compressedFronts: [[UInt8]] = [
        [0x1F, 0x8B], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD], [0x04, 0x22, 0x4D, 0x18],
        Array("BZh".utf8), [0x50, 0x4B, 0x03, 0x04],
    ]

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
