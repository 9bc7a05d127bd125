import JSON

extension EventType {
    /// A request and its response. The object has the same shape in alerts and files, and for HTTP/2, for which early
    /// releases of Suricata 6 name it `http2`.
    static let http = EventType(
        name: "http", categories: ["network", "web"], types: ["access", "protocol"], protocolName: "http",
        objects: ["http", "http2", "xff"],
        rules: [
            "http_method": .text(.httpRequestMethod), "http_refer": .text(.httpRequestReferrer),
            "length": .number(.httpResponseBodyBytes),
            "http_request_body_printable": .text(.httpRequestBodyContent),
            "http_response_body_printable": .text(.httpResponseBodyContent),
        ]
    ) { http, mapping in
        // The address that a proxy speaks for stands also beside the object.
        guard http.kind == .object else { return mapping.mapForwardedAddresses(http) }
        mapping.setAction(http["http_method"])
        mapping.mapUserAgent(http["http_user_agent"])
        mapping.setMIMEType(
            .httpResponseMIMEType,
            http["http_content_type"] ?? header("content-type", of: http, in: "response_headers"))
        mapping.mapForwardedAddresses(http["true_client_ip"])
        mapping.mapForwardedAddresses(http["xff"])
        mapping.mapVersion(http)
        mapping.mapStatus(http["status"])
        mapping.mapURL(http)
    }

    /// The value of a header of HTTP/2, where some members are headers only.
    fileprivate static func header(_ name: StaticString, of http: JSONNode, in list: StaticString) -> JSONNode? {
        guard http["http2"] != nil, let headers = http[list] else { return nil }
        for header in headers.elements where header["name"]?.isEqual(to: name) ?? false { return header["value"] }
        return nil
    }
}

extension EventMapping {
    fileprivate mutating func mapVersion(_ http: JSONNode) {
        if let version = http["version"]?.encodedString, version.isDecimal {
            document.set(.httpVersion, version)
        } else if let text = http["protocol"], text.kind == .string {
            let protocolText = document.decoded(text)
            if protocolText.hasPrefix("HTTP/") {
                document.set(.httpVersion, document.encoded(protocolText.part(from: 5)))
            }
        } else if http["http2"] != nil || http["stream_id"] != nil {
            document.set(.httpVersion, "2")
        }
        if http["http2"] != nil { document.set(.networkApplication, event["dns"] == nil ? "http2" : "doh2") }
    }

    fileprivate mutating func mapStatus(_ node: JSONNode?) {
        guard let status = node?.wholeNumber else { return }
        document.set(.httpResponseStatusCode, integer: status)
        setOutcome(isSuccess: status < 400)
    }

    /// Maps the host and the request's target, which is a path, a whole URL (to a proxy), or `host:port` (CONNECT).
    fileprivate mutating func mapURL(_ http: JSONNode) {
        var host: EncodedText?
        var port: EncodedText?
        let named = http["hostname"] ?? EventType.header(":authority", of: http, in: "request_headers")
        if let node = named, node.kind == .string {
            let (name, number) = URLParts.hostAndPort(document.decoded(node))
            (host, port) = (name.withoutTrailingDot.nonEmpty, number)
        }
        var parts: URLParts?
        if let node = http["url"], node.kind == .string {
            document.set(.urlOriginal, node)
            let isConnect = http["http_method"]?.isEqual(to: "CONNECT") ?? false
            let target = URLParts(document.decoded(node), isAuthority: isConnect)
            parts = target
            host = target.host?.withoutTrailingDot.nonEmpty ?? host
            if target.host != nil { port = target.port }
            if let path = target.path { document.set(.urlPath, document.encoded(path)) }
            if let query = target.query { document.set(.urlQuery, document.encoded(query)) }
            if let fragment = target.fragment { document.set(.urlFragment, document.encoded(fragment)) }
            if let name = target.lastSegment { setExtension(.urlExtension, of: name) }
        }
        document.set(.urlPort, number: http["http_port"])
        if let port, let number = JSONText.integer(port.buffer), number <= 65_535 {
            document.set(.urlPort, integer: number)
        }
        let scheme = parts?.scheme.map { document.lowercased(document.encoded($0)) } ?? requestScheme(http)
        document.set(.urlScheme, scheme)
        guard let host else { return }
        let domain = document.encoded(host)
        document.set(.urlDomain, domain)
        setDomainParts(of: domain, .url)
        setServerDomain(domain)
        // What is neither a path nor a whole URL, such as `*`, makes none with the host.
        if let parts, parts.path?.hasPrefix("/") ?? (parts.scheme != nil) { setFullURL(scheme, domain) }
    }

    /// Puts `url.full` together from its parts.
    private mutating func setFullURL(_ scheme: EncodedText, _ domain: EncodedText) {
        let defaultPort: StaticString = scheme.isEqual(to: "https") ? "443" : "80"
        let none = EncodedText("")
        let port = document.text(of: .urlPort).flatMap { $0.isEqual(to: defaultPort) ? nil : $0 }
        let path = document.text(of: .urlPath) ?? none
        let query = document.text(of: .urlQuery)
        let fragment = document.text(of: .urlFragment)
        document.set(
            .urlFull,
            document.joined(
                scheme, EncodedText("://"), domain, port == nil ? none : EncodedText(":"), port ?? none, path,
                query == nil ? none : EncodedText("?"), query ?? none,
                fragment == nil ? none : EncodedText("#"), fragment ?? none))
    }

    /// What the request itself says, which only those of HTTP/2 do, else `https` where it was seen inside of TLS.
    private func requestScheme(_ http: JSONNode) -> EncodedText {
        if let scheme = EventType.header(":scheme", of: http, in: "request_headers")?.encodedString { return scheme }
        return EncodedText(event["tls"] == nil ? "http" : "https")
    }
}
