import Glibc

/// The part of a URL that says where a server is: `HOST`, `HOST:PORT`, `[::1]:PORT`.
public struct HostAndPort: Sendable, Equatable {
    /// A name or an address, without brackets.
    public let host: String
    /// From 1 to 65535; nil when the text has none.
    public let port: Int?

    /// Reads a text; nil when it is anything else, or more than one.
    public init?(_ text: Substring) {
        var host = text
        var port: Int?
        // The colons of an IPv6 address stand in brackets.
        let colon =
            text.hasPrefix("[")
            ? text.firstRange(of: "]:")?.upperBound : text.firstIndex(of: ":").map(text.index(after:))
        if let colon {
            let digits = text[colon...]
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits), 1...65535 ~= number
            else { return nil }
            (host, port) = (text[..<text.index(before: colon)], number)
        }
        if let address = host.without("[", "]") {
            guard address.contains(":") else { return nil }
            host = address
        } else if host.contains(":") {
            return nil
        }
        guard Self.isHost(String(host)) else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Whether a text is a host name, or an address without brackets.
    static func isHost(_ text: String) -> Bool {
        guard text.contains(":") else {
            return (1...253).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    default: "-._".utf8.contains(byte)
                    }
                }
        }
        // A local address may name its interface: `fe80::1%eth0`.
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        return inet_pton(AF_INET6, String(parts[0]), &address) == 1 && (parts.count == 1 || isHost(String(parts[1])))
    }
}
