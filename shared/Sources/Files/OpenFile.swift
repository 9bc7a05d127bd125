import Glibc

/// A file that is open for reading; it is closed with the last reference.
public final class OpenFile: Sendable {
    /// Opened from this path; it may have another name by now.
    public let path: String
    private let descriptor: Int32

    /// Opens whatever has the path, without waiting for the other side of a FIFO.
    ///
    /// - Parameter followsLink: whether a symbolic link stands for what it leads to; if not, it is an error.
    public init(_ path: String, followsLink: Bool = true) throws(FileError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLink ? 0 : O_NOFOLLOW))
        self.path = path
        guard descriptor >= 0 else {
            throw errno == ELOOP && !followsLink
                ? FileError(path, .read, .notRegular(.link)) : .refused(path, .read)
        }
    }

    /// Opens a regular file.
    ///
    /// Whoever may write to the folder can put something else in the place of a file at any moment, so what was opened
    /// is judged and not what had the path before.
    ///
    /// - Parameter followsLink: whether a symbolic link stands for the file that it leads to.
    public convenience init(regular path: String, followsLink: Bool = true) throws(FileError) {
        try self.init(path, followsLink: followsLink)
        let kind = try facts().kind
        guard kind == .regular else { throw FileError(path, .read, .notRegular(kind)) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What the kernel says about the file now.
    public func facts() throws(FileError) -> FileFacts {
        try FileFacts(descriptor: descriptor, path: path)
    }

    /// Reads from a place into a buffer.
    /// - Returns: how many bytes were there; 0 at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(clamping: offset))
            if count >= 0 { return count }
            if errno != EINTR { throw .refused(path, .read) }
        }
    }

    /// At most `count` bytes from `offset` on; fewer at the end of the file.
    public func bytes(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let got = try read(into: rest, at: offset + UInt64(filled))
                    if got == 0 { break }
                    filled += got
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The whole content, of a device or a file of `/proc`, too, which tell no size.
    ///
    /// - Parameter bytesMax: more than so many bytes are an error.
    public func content(bytesMax: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .refused(path, .read) }
            guard bytes.count + count <= bytesMax else { throw FileError(path, .read, .tooLarge(bytesMax: bytesMax)) }
            bytes += chunk[..<count]
        }
    }

    /// Where the next bytes lie that are no hole, from `offset` on; `offset` itself where the file system cannot tell.
    public func dataOffset(from offset: UInt64) -> UInt64 {
        // SEEK_DATA, which Glibc's module does not show.
        let seekData: Int32 = 3
        let found = lseek(descriptor, off_t(clamping: offset), seekData)
        return found < 0 ? offset : UInt64(found)
    }
}
