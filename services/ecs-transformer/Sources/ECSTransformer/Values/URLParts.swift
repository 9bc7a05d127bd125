/// The parts of a URL in decoded text, by RFC 3986: of a whole URL, of the path alone, or of `host:port`.
struct URLParts {
    var scheme: EncodedText?
    /// As it stands in the URL, IPv6 addresses with their brackets.
    var host: EncodedText?
    var port: EncodedText?
    var path: EncodedText?
    /// Without the question mark.
    var query: EncodedText?
    /// Without the hash sign.
    var fragment: EncodedText?

    /// Splits a request target.
    /// - Parameter isAuthority: whether it is `host:port`, as in a CONNECT request.
    init(_ target: EncodedText, isAuthority: Bool) {
        var rest = target
        if isAuthority {
            setAuthority(rest)
            return
        }
        if let hash = rest.firstIndex(of: "#") {
            fragment = rest.part(from: hash + 1).nonEmpty
            rest = rest.part(from: 0, to: hash)
        }
        if let mark = rest.firstIndex(of: "?") {
            query = rest.part(from: mark + 1).nonEmpty
            rest = rest.part(from: 0, to: mark)
        }
        if let end = Self.schemeEnd(of: rest) {
            scheme = rest.part(from: 0, to: end)
            rest = rest.part(from: end + 3)
            let slash = rest.firstIndex(of: "/") ?? rest.count
            setAuthority(rest.part(from: 0, to: slash))
            rest = rest.part(from: slash)
        }
        path = rest.nonEmpty
    }

    /// The last segment of the path.
    var lastSegment: EncodedText? {
        guard let path else { return nil }
        return path.part(from: (path.lastIndex(of: "/") ?? -1) + 1).nonEmpty
    }

    /// Splits `user@host:port`; the user is left out.
    private mutating func setAuthority(_ text: EncodedText) {
        let (host, port) = Self.hostAndPort(text.part(from: (text.lastIndex(of: "@") ?? -1) + 1))
        self.host = host.nonEmpty
        self.port = port
    }

    /// Splits `host:port`, where the host may be `[IPv6]` or a bare IPv6 address, which has no port.
    static func hostAndPort(_ text: EncodedText) -> (host: EncodedText, port: EncodedText?) {
        guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon || text.bytes[colon - 1] == 0x5D
        else { return (text, nil) }
        let port = text.part(from: colon + 1)
        guard port.count <= 5, port.isDecimal else { return (text.part(from: 0, to: colon), nil) }
        return (text.part(from: 0, to: colon), port)
    }

    /// Where `://` stands after a scheme.
    private static func schemeEnd(of text: EncodedText) -> Int? {
        var offset = 0
        while offset < text.count, ASCII.isLetter(text.bytes[offset]) { offset += 1 }
        guard offset > 0, text.part(from: offset).hasPrefix("://") else { return nil }
        return offset
    }
}
