import CWebSockets
import HTTPTypes

/// Copies a request out of the library, which discards it when the answer begins.
///
/// The library has decoded path and query already, and has resolved `..` and doubled `/`.
struct RequestReader {
    private let handle: OpaquePointer

    /// How the head announces the body.
    enum Body: Equatable {
        case none
        case bytes(Int)
        /// Chunked, which the library would hand over undecoded; or without a length, though the method takes a body.
        case unknownLength
        /// Two lengths, or one that is not a number: where the next request begins cannot be known.
        case nonsense
    }

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    /// - Parameter headerNames: in lower case, those that the library does not know.
    /// - Returns: nil for a request without a method or path, which the library should not have let through.
    func request(from peer: Peer, headerNames: [String]) -> ServerRequest? {
        guard let (token, method) = Self.methods.first(where: { isPresent($0.token) }), let path = value(of: token)
        else { return nil }
        var fields = HTTPFields()
        for (token, name) in Self.headers where isPresent(token) {
            if let value = value(of: token) { fields.append(name, value) }
        }
        for name in headerNames {
            if let value = customValue(of: name) { fields.append(name, value) }
        }
        return ServerRequest(method, path: path, query: query, fields: fields, peer: peer)
    }

    func body(for method: HTTPMethod) -> Body {
        if isPresent(WSI_TOKEN_HTTP_TRANSFER_ENCODING) { return .unknownLength }
        guard isPresent(WSI_TOKEN_HTTP_CONTENT_LENGTH) else {
            return method.requiresContentLength ? .unknownLength : .none
        }
        guard lws_hdr_fragment_length(handle, WSI_TOKEN_HTTP_CONTENT_LENGTH, 1) == 0,
            let text = value(of: WSI_TOKEN_HTTP_CONTENT_LENGTH), text.utf8.allSatisfy(Self.isDigit),
            let count = Int(text)
        else { return .nonsense }
        return count == 0 ? .none : .bytes(count)
    }

    /// The protocol that an `Upgrade` field asks for, in lower case.
    var upgrade: String? {
        isPresent(WSI_TOKEN_UPGRADE) ? value(of: WSI_TOKEN_UPGRADE)?.lowercased() : nil
    }

    /// Whether the library holds a head, or waits for the rest of one. It says so by the zero that it writes first.
    var hasHeaderTable: Bool {
        var text: CChar = 1
        lws_hdr_custom_copy(handle, &text, 1, "x:", 2)
        return text == 0
    }

    private var query: HTTPQuery {
        var query = HTTPQuery()
        var index: Int32 = 0
        while let pair = fragment(index, of: WSI_TOKEN_HTTP_URI_ARGS) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if !pair.isEmpty { query.append(String(parts[0]), parts.count > 1 ? String(parts[1]) : "") }
            index += 1
        }
        return query
    }

    private func isPresent(_ token: lws_token_indexes) -> Bool {
        lws_hdr_total_length(handle, token) > 0
    }

    private func value(of token: lws_token_indexes) -> String? {
        text(lws_hdr_total_length(handle, token)) { lws_hdr_copy(handle, $0, $1, token) }
    }

    private func fragment(_ index: Int32, of token: lws_token_indexes) -> String? {
        text(lws_hdr_total_length(handle, token)) { lws_hdr_copy_fragment(handle, $0, $1, token, index) }
    }

    private func customValue(of name: String) -> String? {
        let key = name + ":"
        let count = Int32(key.utf8.count)
        return text(lws_hdr_custom_length(handle, key, count)) { lws_hdr_custom_copy(handle, $0, $1, key, count) }
    }

    /// - Parameter copy: fills the buffer, which has room for that many bytes and for the zero behind them.
    private func text(_ byteCount: Int32, _ copy: (UnsafeMutablePointer<CChar>?, Int32) -> Int32) -> String? {
        guard byteCount >= 0 else { return nil }
        var result: String?
        // Joined parts are one byte longer than their sum.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(byteCount) + 64) { buffer in
            let count = copy(buffer.baseAddress, Int32(buffer.count))
            guard count >= 0 else { return }
            let bytes = UnsafeRawBufferPointer(buffer).prefix(Int(count))
            result = String(decoding: bytes, as: UTF8.self)
        }
        return result
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static let methods: [(token: lws_token_indexes, method: HTTPMethod)] = [
        (WSI_TOKEN_GET_URI, .get), (WSI_TOKEN_HEAD_URI, .head), (WSI_TOKEN_POST_URI, .post), (WSI_TOKEN_PUT_URI, .put),
        (WSI_TOKEN_PATCH_URI, .patch), (WSI_TOKEN_DELETE_URI, .delete), (WSI_TOKEN_OPTIONS_URI, .options),
    ]

    /// All headers that the library knows: what it calls tokens, without its names for method, path, query and version.
    private static let headers: [(lws_token_indexes, String)] = (0..<WSI_TOKEN_COUNT.rawValue).compactMap { number in
        let token = lws_token_indexes(rawValue: number)
        guard let pointer = lws_token_to_string(token) else { return nil }
        let name = String(cString: pointer)
        guard name.hasSuffix(":"), !name.hasPrefix(":"), token != WSI_TOKEN_HTTP_URI_ARGS else { return nil }
        return (token, String(name.dropLast()))
    }
}
