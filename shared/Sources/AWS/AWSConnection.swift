import HTTPClient
import HTTPTypes

/// Reaches servers of AWS one request at a time, each on a connection of its own: credentials are asked for once an hour.
struct AWSConnection: Sendable {
    /// Longer than any answer with credentials.
    private static let answerBytesMax = 1 << 20

    var userAgent: String
    var caFile: String?
    var proxy: String?
    var noProxy = ""

    /// The same without a proxy: what is on this machine, or on the link to it, no proxy reaches.
    var direct: AWSConnection { AWSConnection(userAgent: userAgent, caFile: caFile) }

    /// Sends a request and waits for its answer.
    ///
    /// - Throws: ``AWSError`` with `.unavailable` when none comes in time, or what the signer throws.
    func send(
        _ request: ClientRequest, signer: (any RequestSigner)? = nil, timeoutMilliseconds: Int
    ) throws(AWSError) -> ClientResponse {
        var options = HTTPClient.Options(userAgent: userAgent)
        options.signer = signer
        options.caFile = caFile
        options.proxy = proxy
        options.noProxy = noProxy
        options.connectTimeoutMilliseconds = timeoutMilliseconds
        options.requestTimeoutMilliseconds = timeoutMilliseconds
        options.responseBytesMax = Self.answerBytesMax
        do throws(HTTPError) {
            return try HTTPClient(options).answer(to: request)
        } catch {
            if let reason = error.cause as? AWSError { throw reason }
            throw AWSError(.unavailable, "no answer that can be used", cause: error)
        }
    }
}
