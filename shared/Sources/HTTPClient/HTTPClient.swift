import CCurl
import Lifecycle

/// Sends requests to one server, several at once, over connections that are kept.
///
/// One owner, one thread: everything happens inside the calls. HTTP/1.1; no redirects are followed and no environment
/// variable is read, so a request goes where its URL says, by the proxy that the options name.
public final class HTTPClient {
    /// How to reach the server.
    public struct Options: Sendable {
        /// The `User-Agent` field: names the program in the server's log.
        public var userAgent: String
        /// Authenticates each request; nil for servers that want no authentication.
        public var signer: (any RequestSigner)?
        /// The path of the Unix socket at which the server listens, instead of the URL's host and port.
        public var unixSocket: String?
        /// PEM file of the authorities that may vouch for the server, instead of the system's.
        public var caFile: String?
        /// The forward proxy as a URL, with user and password where it wants them; nil for none.
        public var proxy: String?
        /// Hosts and domains that are reached without the proxy, separated by commas; `*` for all.
        public var noProxy = ""
        /// How long a connection may take, in milliseconds.
        public var connectTimeoutMilliseconds = 5_000
        /// How long a request with its answer may take, in milliseconds.
        public var requestTimeoutMilliseconds = 60_000
        /// How long an answer may be, in bytes.
        public var responseBytesMax = 16 * 1024 * 1024
        /// How many connections are kept.
        public var connectionsMax = 8

        /// The defaults, for a program of this name.
        public init(userAgent: String) {
            self.userAgent = userAgent
        }
    }

    private let multi: UnsafeMutableRawPointer
    private let options: Options
    private var idle: [HTTPExchange] = []
    private var busy: [Travelling] = []

    /// A request under way.
    private struct Travelling {
        let exchange: HTTPExchange
        /// As the caller passed it.
        let request: ClientRequest
        /// As it was sent.
        let signed: ClientRequest
        /// Whether its first signature was refused.
        let isSignedAgain: Bool
    }

    /// - Throws: ``HTTPError`` when libcurl has no memory for a handle.
    public init(_ options: Options) throws(HTTPError) {
        guard HTTPClient.libraryIsReady, let multi = curl_multi_init() else {
            throw HTTPError(code: .other, message: "libcurl cannot be initialised")
        }
        self.multi = multi
        self.options = options
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, options.connectionsMax))
        // Requests share no connection at the same time: HTTP/1.1 has nothing to multiplex.
        _ = ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, 0)
    }

    deinit {
        for travelling in busy { curl_multi_remove_handle(multi, travelling.exchange.handle) }
        busy = []
        idle = []
        curl_multi_cleanup(multi)
    }

    /// Requests that have been sent and not completed.
    public var inFlightCount: Int { busy.count }

    /// Starts a request; ``poll(milliseconds:wakingOn:)`` returns its end.
    ///
    /// - Parameter tag: the caller's name for the request, given back with its end.
    /// - Throws: ``HTTPError`` when libcurl refuses the request at once, for an invalid URL for example, or `.unsigned`.
    public func send(_ request: ClientRequest, tag: UInt64) throws(HTTPError) {
        try begin(request, tag: tag, isSignedAgain: false)
    }

    private func begin(_ request: ClientRequest, tag: UInt64, isSignedAgain: Bool) throws(HTTPError) {
        var signed = request
        do {
            try options.signer?.sign(&signed)
        } catch {
            throw HTTPError(code: .unsigned, message: "the request cannot be signed", cause: error)
        }
        let exchange: HTTPExchange
        if let rested = idle.popLast() { exchange = rested } else { exchange = try HTTPExchange(options) }
        try exchange.prepare(signed, tag: tag)
        let code = curl_multi_add_handle(multi, exchange.handle)
        guard code == CURLM_OK else {
            throw HTTPError(code: .other, message: String(cString: curl_multi_strerror(code)))
        }
        busy.append(Travelling(exchange: exchange, request: request, signed: signed, isSignedAgain: isSignedAgain))
    }

    /// Sends and receives for up to `milliseconds`, and returns earlier when a request has ended or one of
    /// `descriptors` has something to read.
    public func poll(milliseconds: Int, wakingOn descriptors: [Int32] = []) -> [HTTPCompletion] {
        var waits = descriptors.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0) }
        let deadline = Deadline.milliseconds(max(0, milliseconds))
        while true {
            let completions = advance()
            let leftMilliseconds = deadline.remainingMilliseconds
            if !completions.isEmpty || leftMilliseconds == 0 { return completions }
            let code = curl_multi_poll(multi, &waits, UInt32(waits.count), Int32(min(leftMilliseconds, 60_000)), nil)
            if code != CURLM_OK || waits.contains(where: { $0.revents != 0 }) { return advance() }
        }
    }

    /// Sends a request and waits for its answer, for as long as the options allow; to be called while no other is under way.
    ///
    /// - Throws: ``HTTPError`` when there is none.
    public func answer(to request: ClientRequest) throws(HTTPError) -> ClientResponse {
        try send(request, tag: 0)
        // The options' limit ends the request; a second one, with a new signature, has the time of two.
        while true {
            if let completion = poll(milliseconds: 1_000).first { return try completion.result.get() }
        }
    }

    /// Lets every transfer make progress without waiting, and collects those that have ended.
    private func advance() -> [HTTPCompletion] {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        guard Int(running) < busy.count else { return [] }
        var completions: [HTTPCompletion] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE,
                let index = busy.firstIndex(where: { $0.exchange.handle == message.pointee.easy_handle })
            else { continue }
            let code = message.pointee.data.result
            let ended = busy.remove(at: index)
            let tag = ended.exchange.tag
            curl_multi_remove_handle(multi, ended.exchange.handle)
            var result = ended.exchange.finish(code)
            // libcurl 8.7 and later keep on the handle that a body is to be sent again, and would ask the next one.
            if code != CURLE_SEND_FAIL_REWIND { idle.append(ended.exchange) }
            if let response = try? result.get(), isToSignAgain(ended, after: response) {
                do {
                    try begin(ended.request, tag: tag, isSignedAgain: true)
                    continue
                } catch {
                    result = .failure(error)
                }
            }
            completions.append(HTTPCompletion(tag: tag, result: result))
        }
        return completions
    }

    /// Shows every answer to the signer, which may learn something from it.
    private func isToSignAgain(_ ended: Travelling, after response: ClientResponse) -> Bool {
        let isWorthIt = options.signer?.isToSignAgain(ended.signed, after: response) ?? false
        return isWorthIt && !ended.isSignedAgain
    }

    /// libcurl's global state is initialised once for the process, before any handle.
    static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
