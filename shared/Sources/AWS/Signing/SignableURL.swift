import Glibc
import HTTPTypes

/// A URL written so that everybody who computes a signature from it comes to the same canonical request.
///
/// What may be written in several ways is written in one: only unreserved characters (RFC 3986) go without an escape, escapes
/// have capital digits, every name of the query has its `=`, and dot segments are gone. Servers and libraries differ in whether
/// they take a path as it came or decode it first; this form is the same to both.
struct SignableURL {
    /// The URL as it is to be sent, without user, password and fragment.
    let text: String
    /// The value of `Host`: in small letters, with the port unless it is the scheme's own.
    let host: String
    /// The path as it is signed: escaped once more than it is sent, without empty segments.
    let canonicalPath: String
    /// The query as it is signed: sorted.
    let canonicalQuery: String

    /// nil for what is no `http` or `https` URL with a host.
    init?(_ url: String) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = url[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let place = authority.suffix(
            from: authority.lastIndex(of: "@").map(authority.index(after:)) ?? authority.startIndex)
        let defaultPort = scheme == "https" ? ":443" : ":80"
        let named = place.lowercased()
        host = named.hasSuffix(defaultPort) ? String(named.dropLast(defaultPort.count)) : named
        guard !host.isEmpty, !host.hasPrefix(":") else { return nil }

        let target = rest[authority.endIndex...]
        let path = Self.path(target.prefix { $0 != "?" })
        let query = Self.query(target.drop { $0 != "?" }.dropFirst())
        text = "\(scheme)://\(named)\(path)" + (query.isEmpty ? "" : "?" + Self.joined(query))
        canonicalPath = Self.canonical(path)
        canonicalQuery = Self.joined(query.sorted { ($0.name, $0.value) < ($1.name, $1.value) })
    }

    /// The host alone; an address of IPv6 in its brackets.
    var hostWithoutPort: String {
        host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : String(host.prefix { $0 != ":" })
    }

    /// Whether nobody on the way reads or writes along: it has TLS, or leads to this machine.
    var isPrivate: Bool {
        if text.hasPrefix("https:") || ["localhost", "[::1]"].contains(hostWithoutPort) { return true }
        var address = in_addr()
        return inet_pton(AF_INET, hostWithoutPort, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    /// The path with each segment escaped, and without `.` and `..` (RFC 3986, section 5.2.4).
    private static func path(_ text: Substring) -> String {
        var segments: [String] = []
        let given = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { escaped($0) }
        for (position, segment) in given.enumerated() {
            switch segment {
            case ".": break
            case "..": _ = segments.popLast()
            default:
                segments.append(segment)
                continue
            }
            // The folder that a last one of them leaves is a folder still.
            if position == given.count - 1 { segments.append("") }
        }
        return "/" + segments.joined(separator: "/")
    }

    private static func canonical(_ path: String) -> String {
        let segments = path.split(separator: "/").map { PercentEncoding.encode(String($0)) }
        return "/" + segments.joined(separator: "/") + (path.hasSuffix("/") && !segments.isEmpty ? "/" : "")
    }

    private typealias Pair = (name: String, value: String)

    /// A `+` is a space to those who read queries as forms do, and so it is for OpenSearch.
    private static func query(_ text: Substring) -> [Pair] {
        text.split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return (escaped(name, plus: "%20"), escaped(pair.dropFirst(name.count + 1), plus: "%20"))
        }
    }

    private static func joined(_ pairs: [Pair]) -> String {
        pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Escapes what has to be, and undoes what has not; a `%` without two digits stands for itself.
    private static func escaped(_ text: Substring, plus: String = "%2B") -> String {
        var result = ""
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            var value = byte
            if byte == UInt8(ascii: "%"), let code = UInt8(hexadecimal: rest.prefix(2)) {
                value = code
                rest = rest.dropFirst(2)
            } else if byte == UInt8(ascii: "+") {
                result += plus
                continue
            }
            result += escapes[Int(value)]
        }
        return result
    }

    /// How each byte is written.
    private static let escapes: [String] = (UInt8.min...UInt8.max).map { byte in
        byte < 0x80
            ? PercentEncoding.encode(String(UnicodeScalar(byte)))
            : "%" + String(byte, radix: 16, uppercase: true)
    }
}

extension UInt8 {
    /// The value of two hexadecimal digits; nil for anything else.
    init?(hexadecimal digits: some Collection<UInt8>) {
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else { return nil }
        self.init(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
