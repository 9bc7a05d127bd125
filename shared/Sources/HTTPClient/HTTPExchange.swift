import CCurl
import Glibc
import HTTPTypes

/// One request and its answer: owns one easy handle, which is used again for later requests.
///
/// libcurl holds an unretained pointer to the exchange while the request travels; ``HTTPClient`` keeps the exchange
/// until the handle has left the multi handle, so the pointer outlives its use.
final class HTTPExchange {
    /// The most that the heads of an answer may take, in bytes.
    private static let fieldBytesMax = 256 << 10

    let handle: UnsafeMutableRawPointer
    private(set) var tag: UInt64 = 0
    private let responseBytesMax: Int
    /// libcurl writes the message of an error here, at most `CURL_ERROR_SIZE` bytes.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var body: (any HTTPBody)?
    private var isRepeatable = true
    private var isEncrypted = false
    private var fields = HTTPFields()
    private var fieldBytes = 0
    private var response: [UInt8] = []
    private var responseOverflowed = false

    /// A handle with every option that stays the same for all requests.
    init(_ options: HTTPClient.Options) throws(HTTPError) {
        guard let handle = curl_easy_init() else {
            throw HTTPError(code: .other, message: "libcurl has no memory for a request")
        }
        self.handle = handle
        responseBytesMax = options.responseBytesMax
        errorText[0] = 0
        let context = Unmanaged.passUnretained(self).toOpaque()

        // From here on `deinit` releases the handle: every stored property is set.
        try set(CURLOPT_ERRORBUFFER, to: errorText)
        try set(CURLOPT_NOSIGNAL, to: 1)
        try set(CURLOPT_HTTP_VERSION, to: Int(CURL_HTTP_VERSION_1_1))
        try set(CURLOPT_PROTOCOLS_STR, to: "http,https")
        // Both are always set, even to nothing: otherwise libcurl reads the environment.
        try set(CURLOPT_PROXY, to: options.proxy ?? "")
        try set(CURLOPT_NOPROXY, to: options.noProxy)
        try set(CURLOPT_USERAGENT, to: options.userAgent)
        try set(CURLOPT_TCP_NODELAY, to: 1)
        // Bodies have megabytes: larger pieces (libcurl's default is 64 KiB) mean fewer calls of the kernel.
        try set(CURLOPT_UPLOAD_BUFFERSIZE, to: 256 << 10)
        try set(CURLOPT_CONNECTTIMEOUT_MS, to: options.connectTimeoutMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, to: options.requestTimeoutMilliseconds)
        if let caFile = options.caFile { try set(CURLOPT_CAINFO, to: caFile) }
        if let unixSocket = options.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, to: unixSocket) }
        // CURLAUTH_BASIC, a macro with a cast, which Swift does not import.
        try set(CURLOPT_HTTPAUTH, to: 1)
        try setCallbacks(context)
    }

    /// The functions that libcurl calls while a request travels; they find this object by `context`.
    private func setCallbacks(_ context: UnsafeMutableRawPointer) throws(HTTPError) {
        let receive: ccurl_transfer_callback = { bytes, size, count, context in
            HTTPExchange.from(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        let receiveField: ccurl_transfer_callback = { bytes, size, count, context in
            HTTPExchange.from(context).receiveField(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        let send: ccurl_transfer_callback = { bytes, size, count, context in
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return HTTPExchange.from(context).body?.read(into: buffer) ?? 0
        }
        let rewind: ccurl_seek_callback = { context, offset, origin in
            // Only a seek to the start is ever needed, to send the request again on a new connection.
            let exchange = HTTPExchange.from(context)
            guard offset == 0, origin == SEEK_SET, exchange.isRepeatable else { return CURL_SEEKFUNC_FAIL }
            exchange.body?.rewind()
            return CURL_SEEKFUNC_OK
        }
        try set(CURLOPT_WRITEDATA, to: context)
        try check(ccurl_easy_set_transfer_callback(handle, CURLOPT_WRITEFUNCTION, receive))
        try set(CURLOPT_HEADERDATA, to: context)
        try check(ccurl_easy_set_transfer_callback(handle, CURLOPT_HEADERFUNCTION, receiveField))
        try set(CURLOPT_READDATA, to: context)
        try check(ccurl_easy_set_transfer_callback(handle, CURLOPT_READFUNCTION, send))
        try set(CURLOPT_SEEKDATA, to: context)
        try check(ccurl_easy_set_seek_callback(handle, rewind))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Sets what is particular to this request.
    func prepare(_ request: ClientRequest, tag: UInt64) throws(HTTPError) {
        self.tag = tag
        body = request.body
        isRepeatable = request.isRepeatable
        isEncrypted = request.head.target.hasPrefix("https:")
        body?.rewind()
        response.removeAll(keepingCapacity: response.capacity <= 1 << 20)
        fields = HTTPFields()
        fieldBytes = 0
        responseOverflowed = false
        errorText[0] = 0
        try set(CURLOPT_URL, to: request.head.target)
        try set(CURLOPT_USERNAME, to: request.credentials?.username)
        try set(CURLOPT_PASSWORD, to: request.credentials?.password)
        // The option that is set last wins, so each of the three starts from a plain GET.
        try set(CURLOPT_HTTPGET, to: 1)
        if request.head.method == .head {
            try set(CURLOPT_NOBODY, to: 1)
        } else if request.body != nil || request.head.method.requiresContentLength {
            // An upload under the name of the method: libcurl then asks the read callback for the body.
            try set(CURLOPT_UPLOAD, to: 1)
            try check(ccurl_easy_set_offset(handle, CURLOPT_INFILESIZE_LARGE, Int(request.body?.byteCount ?? 0)))
        }
        try set(CURLOPT_CUSTOMREQUEST, to: request.head.method.name)

        curl_slist_free_all(headerList)
        headerList = nil
        // Without "Expect:" libcurl would wait up to a second for permission to send each large body.
        for header in request.head.fields.map(Self.line) + ["Expect:"] {
            guard let longer = curl_slist_append(headerList, header) else {
                throw HTTPError(code: .other, message: "libcurl has no memory for a header")
            }
            headerList = longer
        }
        try set(CURLOPT_HTTPHEADER, to: headerList)
    }

    /// The end of the request; releases the body.
    func finish(_ code: CURLcode) -> Result<ClientResponse, HTTPError> {
        body = nil
        if responseOverflowed {
            return .failure(HTTPError(code: .badAnswer, message: "the answer is longer than \(responseBytesMax) bytes"))
        }
        guard code == CURLE_OK else { return .failure(failure(code)) }
        var status = 0
        var retryAfterSeconds: curl_off_t = 0
        var microseconds: curl_off_t = 0
        _ = ccurl_easy_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        _ = ccurl_easy_get_offset(handle, CURLINFO_RETRY_AFTER, &retryAfterSeconds)
        _ = ccurl_easy_get_offset(handle, CURLINFO_TOTAL_TIME_T, &microseconds)
        defer { response = [] }
        return .success(
            ClientResponse(
                HTTPStatus(status), fields: fields,
                retryAfterSeconds: retryAfterSeconds > 0 ? Int(retryAfterSeconds) : nil, body: response,
                milliseconds: Int(microseconds) / 1_000))
    }

    /// What a code of libcurl means for this request.
    private func failure(_ code: CURLcode) -> HTTPError {
        var proxyStatus = 0
        _ = ccurl_easy_get_long(handle, CURLINFO_HTTP_CONNECTCODE, &proxyStatus)
        if proxyStatus >= 300 {
            let hint = proxyStatus == 407 ? ": it wants another user or password" : ""
            return HTTPError(code: .unreachable, message: "the proxy refuses with status \(proxyStatus)\(hint)")
        }
        return HTTPError(code, detail: String(cString: errorText), isEncrypted: isEncrypted)
    }

    /// Takes bytes of the answer; taking fewer than came makes libcurl end the request.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard response.count + bytes.count <= responseBytesMax else {
            responseOverflowed = true
            return 0
        }
        response.append(contentsOf: bytes)
        return bytes.count
    }

    /// Takes a line of the answer's head. A status line begins another head: the one before it came from a proxy or was
    /// an interim answer (100), not the answer's own.
    private func receiveField(_ bytes: UnsafeRawBufferPointer) -> Int {
        fieldBytes += bytes.count
        guard fieldBytes <= Self.fieldBytesMax else {
            responseOverflowed = true
            return 0
        }
        if bytes.starts(with: "HTTP/".utf8) {
            fields = HTTPFields()
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let space = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
            let value = bytes[(colon + 1)...].drop(while: space)
            let end = value.lastIndex { !space($0) }.map { $0 + 1 } ?? value.startIndex
            fields.append(
                String(decoding: bytes[..<colon], as: UTF8.self),
                String(decoding: value[value.startIndex..<end], as: UTF8.self))
        }
        return bytes.count
    }

    /// libcurl sends a field without a value only when a semicolon stands in the place of the colon.
    private static func line(_ field: HTTPFields.Field) -> String {
        field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPExchange {
        guard let context else { preconditionFailure("libcurl gives back the pointer that it was given") }
        return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }

    private func set(_ option: CURLoption, to value: Int) throws(HTTPError) {
        try check(ccurl_easy_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, to value: UnsafeRawPointer?) throws(HTTPError) {
        try check(ccurl_easy_set_pointer(handle, option, value))
    }

    /// nil resets the option.
    private func set(_ option: CURLoption, to value: String?) throws(HTTPError) {
        guard let value else { return try set(option, to: UnsafeRawPointer?.none) }
        try check(value.withCString { ccurl_easy_set_pointer(handle, option, $0) })
    }

    private func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw HTTPError(code, detail: String(cString: errorText)) }
    }
}
