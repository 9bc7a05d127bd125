public import Gzip

/// The body of a request: a known number of bytes, read in order and copied once, into the buffer that goes to the socket.
///
/// A body belongs to one request at a time.
public protocol HTTPBody: AnyObject {
    /// How many bytes all reads give together.
    var byteCount: Int { get }

    /// Begins again at the first byte: a kept-alive connection was found closed, and the request is sent on a new one.
    func rewind()

    /// Copies the next bytes into `buffer` and says how many; 0 only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int
}

/// A body that lies in memory as one piece.
public final class BytesBody: HTTPBody {
    private let bytes: [UInt8]
    private var position = 0

    /// A body of these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The number of bytes.
    public var byteCount: Int { bytes.count }

    /// Begins again at the first byte.
    public func rewind() {
        position = 0
    }

    /// Copies the next bytes.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        bytes.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[position..<position + count]))
        }
        position += count
        return count
    }
}

extension GzipEncoder {
    /// Reads the whole body and returns it compressed, as one gzip member.
    public func encode(_ body: any HTTPBody) -> [UInt8] {
        body.rewind()
        return encode(byteCount: body.byteCount, read: body.read(into:))
    }
}
