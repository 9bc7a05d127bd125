import Files
public import HTTPServer
import HTTPTypes

/// A file of any size that is handed out as the client takes it, whole or in part, so that a download that broke off can
/// go on.
public struct FileDownload: Sendable {
    private let file: OpenFile
    private let byteCount: Int
    private let tag: EntityTag
    private let name: String

    /// Opens a file; to be called by a route that may block.
    ///
    /// - Parameters:
    ///   - path: the file; what is written to it later is not sent.
    ///   - name: under which the client is to store it.
    /// - Throws: a ``Refusal`` with 404 when it is no file that can be read.
    public init(path: String, name: String) throws {
        guard let file = try? OpenFile(regular: path), let facts = try? file.facts() else {
            throw Refusal(ServerResponse(.notFound, text: "there is no such file, or no longer\n"))
        }
        (self.file, self.name) = (file, name)
        byteCount = Int(clamping: facts.size)
        // A file that is written anew has another time or another number.
        tag = EntityTag("\(facts.inode)-\(facts.size)-\(facts.modifiedTime)")
    }

    /// The answer to a GET, with `Range`, `If-Range` and `If-None-Match`.
    public func answer(to request: ServerRequest) -> Answer {
        let asked = request.head.fields
        var fields: HTTPFields = ["etag": tag.text, "accept-ranges": "bytes", "cache-control": "private, no-cache"]
        if tag.isIn(asked["if-none-match"]) { return .whole(ServerResponse(.notModified, fields: fields)) }
        fields.append("content-type", ContentTypes.type(of: name))
        fields.append("content-disposition", "attachment; filename*=UTF-8''\(PercentEncoding.encode(name))")
        let isSame = asked["if-range"].map { $0 == tag.text } ?? true
        switch ByteRange(isSame ? asked["range"] : nil, byteCount: byteCount) {
        case .whole: return streamed(.ok, fields, 0..<byteCount)
        case .part(let part):
            fields.append("content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(byteCount)")
            return streamed(.partialContent, fields, part)
        case .unsatisfiable:
            return .whole(ServerResponse(.rangeNotSatisfiable, fields: ["content-range": "bytes */\(byteCount)"]))
        }
    }

    private func streamed(_ status: HTTPStatus, _ fields: HTTPFields, _ part: Range<Int>) -> Answer {
        .streamed(
            HTTPResponseHead(status, fields), byteCount: part.count, FilePart(file: file, rest: part))
    }
}

/// Reads a part of a file piece by piece.
private struct FilePart: BodyProducer {
    private static let pieceBytes = 64 * 1024

    let file: OpenFile
    var rest: Range<Int>

    mutating func next() throws -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let piece = try file.bytes(at: UInt64(rest.lowerBound), count: min(rest.count, Self.pieceBytes))
        // A file that has become shorter: the server sees that the answer is too short, and cuts it off.
        if piece.isEmpty { return nil }
        rest = rest.lowerBound + piece.count..<rest.upperBound
        return piece
    }
}
