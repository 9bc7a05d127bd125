import Configuration
import Logging

/// The parts of `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`.
struct RedisURL {
    let usesTLS: Bool
    let username: String?
    let password: Secret?
    let host: String
    let port: Int
    let database: Int

    /// The type of `redis.url`: secret, because a password may stand in it.
    static let form = ValueForm<Secret?>(
        allowed: "`redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]` or `rediss://…`", isSecret: true,
        text: { $0?.reveal() ?? "" }, shown: { Secret.withholdingCredentials(in: $0?.reveal() ?? "") },
        parse: { text in RedisURL(text) == nil ? nil : .some(Secret(text)) })

    init?(_ text: String) {
        let scheme = ["redis://", "rediss://"].first { text.hasPrefix($0) }
        guard let scheme else { return nil }
        usesTLS = scheme == "rediss://"
        var rest = text.dropFirst(scheme.count)

        var credentials: (username: String?, password: Secret?) = (nil, nil)
        if let at = rest.lastIndex(of: "@") {
            let pair = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = pair.compactMap(percentDecoded)
            guard texts.count == 2, pair.count == 2 else { return nil }
            credentials = (texts[0].isEmpty ? nil : texts[0], texts[1].isEmpty ? nil : Secret(texts[1]))
            rest = rest[rest.index(after: at)...]
        }
        (username, password) = credentials

        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let databaseText = rest[slash...].dropFirst()
        guard let database = databaseText.isEmpty ? 0 : Int(databaseText), database >= 0 else { return nil }
        self.database = database

        guard let server = HostAndPort(rest[..<slash]) else { return nil }
        host = server.host
        port = server.port ?? 6379
    }
}

/// Strict, unlike `PercentEncoding` in HTTPTypes: a `%` without two digits is a mistake in a password, which the operator must be
/// told, where a server takes it from a client as it is.
private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%") {
            guard rest.count >= 2, let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
