import CCurl
import CivilTime

/// What a server shows of itself before the first request: the version of TLS, and its certificates.
public struct TLSHandshake: Sendable, Equatable {
    /// One certificate of those that the server sends.
    public struct Certificate: Sendable, Equatable {
        /// Whom it is for, such as `CN = *.eu-central-1.es.amazonaws.com`.
        public let subject: String
        /// Who vouches for it.
        public let issuer: String
        /// The hosts that it is for, such as `DNS:localhost, IP Address:127.0.0.1`; empty for authorities.
        public let names: String
        /// When it ends, in seconds since 1970; nil when libcurl does not say so.
        public let endsAt: Int64?
    }

    /// For example `TLSv1.3`; empty where libcurl is not one with OpenSSL.
    public let version: String
    /// The server's own first, at most 10.
    public let chain: [Certificate]

    private static let chainMax = 10

    /// Connects and shakes hands, and hangs up before the first byte of a request. Waits for as long as the options allow.
    ///
    /// - Parameters:
    ///   - url: one with `https`; its host and port count.
    ///   - isVerifying: whether a chain or name that cannot be trusted is an error. Only `false` shows what such a server sends.
    /// - Throws: ``HTTPError``, for example with `.tls` or `.unreachable`.
    public static func look(
        at url: String, _ options: HTTPClient.Options, isVerifying: Bool = true
    ) throws(HTTPError) -> TLSHandshake {
        guard HTTPClient.libraryIsReady else {
            throw HTTPError(code: .other, message: "libcurl cannot be initialised")
        }
        let exchange = try HTTPExchange(options)
        try exchange.prepare(ClientRequest(.head, url), tag: 0)
        let look = Look(exchange.handle)
        let handle = exchange.handle
        var code = ccurl_easy_set_long(handle, CURLOPT_CERTINFO, 1)
        if !isVerifying {
            for option in [CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST] where code == CURLE_OK {
                code = ccurl_easy_set_long(handle, option, 0)
            }
        }
        if code == CURLE_OK {
            code = ccurl_easy_set_pointer(handle, CURLOPT_PREREQDATA, Unmanaged.passUnretained(look).toOpaque())
        }
        if code == CURLE_OK {
            code = ccurl_easy_set_prerequest_callback(handle) { context, _, _, _, _ in
                guard let context else { return CURL_PREREQFUNC_ABORT }
                Unmanaged<Look>.fromOpaque(context).takeUnretainedValue().take()
                return CURL_PREREQFUNC_ABORT
            }
        }
        guard code == CURLE_OK else { throw HTTPError(code, detail: "") }
        let end = withExtendedLifetime(look) { exchange.finish(curl_easy_perform(handle)) }
        if let found = look.found { return found }
        switch end {
        case .failure(let error): throw error
        case .success: throw HTTPError(code: .other, message: "libcurl did not tell of the handshake")
        }
    }

    /// Takes the facts while the connection is there: at the moment before the request.
    private final class Look {
        private let handle: UnsafeMutableRawPointer
        private(set) var found: TLSHandshake?

        init(_ handle: UnsafeMutableRawPointer) {
            self.handle = handle
        }

        func take() {
            var chain: [Certificate] = []
            if let list = ccurl_easy_get_certificates(handle)?.pointee {
                for index in 0..<min(Int(list.num_of_certs), TLSHandshake.chainMax) {
                    chain.append(Certificate(list.certinfo[index]))
                }
            }
            found = TLSHandshake(
                version: ccurl_easy_get_tls_version(handle).map { String(cString: $0) } ?? "", chain: chain)
        }
    }
}

extension TLSHandshake.Certificate {
    /// - Parameter fields: libcurl's list of `Name:value`.
    fileprivate init(_ fields: UnsafeMutablePointer<curl_slist>?) {
        var values: [String: String] = [:]
        var next = fields
        while let field = next?.pointee {
            let text = String(cString: field.data)
            let name = text.prefix { $0 != ":" }
            values[String(name)] = String(text.dropFirst(name.count + 1))
            next = field.next
        }
        subject = values["Subject"] ?? ""
        issuer = values["Issuer"] ?? ""
        names = values["X509v3 Subject Alternative Name"] ?? ""
        endsAt = values["Expire date"].flatMap(Self.unixSeconds)
    }

    /// From `Nov 28 12:00:00 2026 GMT`.
    static func unixSeconds(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 5, words[4] == "GMT", let month = months.firstIndex(of: words[0]), let day = Int(words[1]),
            let year = Int(words[3])
        else { return nil }
        let time = words[2].split(separator: ":").compactMap { Int64($0) }
        guard 1...31 ~= day, 1...9_999 ~= year, time.count == 3 else { return nil }
        let days = CivilDay(year: year, month: month + 1, day: day).daysSinceEpoch
        return Int64(days) * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2]
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
