import Configuration

/// Host and port of a URL, the port by default that of the scheme.
struct ServerAddress: Equatable {
    let host: String
    let port: Int

    /// nil for what is no `http` or `https` URL with a host.
    init?(ofURL url: String) {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let place = authority.split(separator: "@").last ?? authority
        guard let named = HostAndPort(place[...]) else { return nil }
        host = named.host
        port = named.port ?? (url.hasPrefix("https:") ? 443 : 80)
    }

    /// For people.
    var text: String { "\(host) port \(port)" }
}
