import Configuration
import Logging

/// The type of `opensearch.proxy`: `[SCHEME://][USER:PASSWORD@]HOST[:PORT]`, as curl takes it.
enum ProxyURL {
    /// Secret, because a password may stand in it.
    static let form = ValueForm<Secret?>(
        allowed:
            "`[http://][USER:PASSWORD@]HOST[:PORT]`, or the same with `https://`, `socks5://`, `socks5h://`; or nothing",
        isSecret: true, text: { $0?.reveal() ?? "" },
        shown: { Secret.withholdingCredentials(in: $0?.reveal() ?? "") },
        parse: { text in
            if text.isEmpty { return .some(nil) }
            return isProxy(text) ? .some(Secret(text)) : nil
        })

    private static func isProxy(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        var rest = text[...]
        if let end = text.firstRange(of: "://")?.upperBound {
            guard ["http://", "https://", "socks5://", "socks5h://"].contains(text[..<end].lowercased()) else {
                return false
            }
            rest = text[end...]
        }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if rest.hasSuffix("/") { rest.removeLast() }
        return HostAndPort(rest) != nil
    }
}
