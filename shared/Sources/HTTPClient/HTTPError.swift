import CCurl

/// Why a request got no answer.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it was; new kinds may be added.
    public enum Code: Sendable {
        /// The host's name is unknown, or nothing accepts connections there: nothing reached the server.
        case unreachable
        /// The connection could not be made, or the answer did not come, in time.
        case timeout
        /// The server's certificate was not accepted, or the TLS handshake failed: nothing reached the server.
        case tls
        /// The connection ended before the answer was complete: what the server did is unknown.
        case cut
        /// The answer is not HTTP, or longer than the bound.
        case badAnswer
        /// The request itself cannot be sent: the URL or the CA file.
        case badRequest
        /// The signer has nothing to sign with: nothing was sent.
        case unsigned
        /// Anything else that libcurl reports.
        case other
    }

    /// The kind of failure.
    public let code: Code
    /// What libcurl says, with the address; never the credentials.
    public let message: String
    /// The signer's error, if that is the reason.
    public let cause: (any Error)?

    /// An error as if libcurl had reported it.
    public init(code: Code, message: String, cause: (any Error)? = nil) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// Whether the server may have received the request, and carried it out.
    public var mayHaveBeenReceived: Bool {
        switch code {
        case .unreachable, .tls, .unsigned: false
        case .timeout, .cut, .badAnswer, .badRequest, .other: true
        }
    }

    /// The message, and the cause's.
    public var description: String { cause.map { "\(message): \($0)" } ?? message }

    /// The one place that knows libcurl's codes.
    ///
    /// - Parameter isEncrypted: whether the URL was one with `https`, for a hint; nil without a URL.
    init(_ code: CURLcode, detail: String, isEncrypted: Bool? = nil) {
        let kind: Code
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: kind = .unreachable
        case CURLE_OPERATION_TIMEDOUT: kind = .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            kind = .tls
        case CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING:
            kind = .cut
        case CURLE_WRITE_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL:
            kind = .badAnswer
        case CURLE_URL_MALFORMAT, CURLE_SSL_CACERT_BADFILE: kind = .badRequest
        default: kind = .other
        }
        let meaning = String(cString: curl_easy_strerror(code))
        let text = detail.isEmpty || detail == meaning ? meaning : "\(meaning): \(detail)"
        self.init(code: kind, message: text + Self.hint(code, detail, isEncrypted: isEncrypted))
    }

    /// A hint that the URL's scheme is the wrong one, where the failure looks like that.
    private static func hint(_ code: CURLcode, _ detail: String, isEncrypted: Bool?) -> String {
        switch (code, isEncrypted) {
        case (CURLE_SSL_CONNECT_ERROR, true)
        where ["wrong version number", "packet length too long", "record layer failure"].contains(
            where: detail.contains):
            "; the server answers without TLS: use http://, or the port on which it has TLS"
        case (CURLE_GOT_NOTHING, false), (CURLE_WEIRD_SERVER_REPLY, false), (CURLE_UNSUPPORTED_PROTOCOL, false):
            "; if the server has TLS on this port, use https://"
        default: ""
        }
    }
}
