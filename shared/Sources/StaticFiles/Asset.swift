import Digest
import Gzip
public import HTTPServer
import HTTPTypes

/// A small file that is held in memory, as it is and packed, and handed out without a copy.
public struct Asset: Sendable {
    /// How long who has it may keep it.
    public enum Caching: String, Sendable {
        /// For ever: its URL changes with its content.
        case immutable = "public, max-age=31536000, immutable"
        /// As long as the server says that it has not changed, each time.
        case revalidated = "no-cache"
    }

    /// The SHA-256 of the content, in hexadecimal digits.
    public let hash: String
    private let contentType: String
    private let bytes: [UInt8]
    /// nil when it would not be noticeably smaller.
    private let packedBytes: [UInt8]?

    /// A file of this name and content.
    public init(name: String, bytes: [UInt8]) {
        self.bytes = bytes
        contentType = ContentTypes.type(of: name)
        hash = Hexadecimal.text(of: SHA256.hash(bytes))
        let packed = ContentTypes.isPackable(contentType) ? try? GzipEncoder(level: 9).encode(bytes) : nil
        packedBytes = packed.flatMap { $0.count < bytes.count / 10 * 9 ? $0 : nil }
    }

    /// The answer to a GET: the content, packed where the client takes that, or 304 when it has it.
    public func answer(to request: ServerRequest, caching: Caching = .revalidated) -> Answer {
        let asked = request.head.fields
        let packed = ContentCoding.isGzipTaken(asked["accept-encoding"]) ? packedBytes : nil
        let tag = EntityTag(packed == nil ? hash : hash + "-gzip")
        var fields: HTTPFields = ["cache-control": caching.rawValue, "etag": tag.text]
        if packedBytes != nil { fields.append("vary", "accept-encoding") }
        if tag.isIn(asked["if-none-match"]) { return .whole(ServerResponse(.notModified, fields: fields)) }
        fields.append("content-type", contentType)
        if packed != nil { fields.append("content-encoding", "gzip") }
        return .whole(ServerResponse(fields: fields, body: packed ?? bytes))
    }
}
