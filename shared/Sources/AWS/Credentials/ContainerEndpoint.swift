import Glibc

/// Which servers may be asked for a container's credentials: the token that goes with the question is for nobody else.
enum ContainerEndpoint {
    private static let hosts: Set<String> = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost"]

    /// Whether the URL has TLS, or leads to this machine or to the address of a container service.
    static func isAllowed(_ url: String) -> Bool {
        guard let parsed = SignableURL(url) else { return false }
        if parsed.text.hasPrefix("https:") { return true }
        let host =
            parsed.host.hasPrefix("[")
            ? parsed.host.prefix { $0 != "]" } + "]" : parsed.host.prefix { $0 != ":" }
        return hosts.contains(String(host)) || isLoopback(String(host))
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "[::1]" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }
}
