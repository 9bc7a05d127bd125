import Certificates
import Glibc
import Networks
import Settings

/// The names and addresses under which this machine is reached.
struct HostNames: Sendable {
    /// The host name without its domain.
    let own: String
    /// Names, in lower case.
    let names: Set<String>
    /// Addresses that are set.
    private let addresses: [String]

    init(_ web: WebSettings) {
        var bytes = [CChar](repeating: 0, count: 256)
        gethostname(&bytes, bytes.count - 1)
        let full = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).lowercased()
        own = full.split(separator: ".").first.map(String.init) ?? "ids"
        let set = ((web.allowedHosts ?? []) + [web.bind]).map { $0.lowercased() }
        addresses = set.filter { IPAddress($0).map { !$0.isUnspecified } ?? false }
        names = Set(
            [full, own, own + ".local", "localhost"] + set.filter { IPAddress($0) == nil && !$0.contains(":") }
        )
        .filter { !$0.isEmpty }
    }

    /// What a certificate of this machine is for.
    var certified: OwnAuthority.Names {
        let found = Set(addresses + Self.ownAddresses + ["127.0.0.1", "::1"])
        return OwnAuthority.Names(hosts: [own] + names.filter { $0 != own }.sorted(), addresses: found.sorted())
    }

    /// The private IPv4 addresses of this machine. Those of IPv6 change every day (RFC 8981), and so would the certificate;
    /// an authority is to speak for others only where they are set.
    private static var ownAddresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        return sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap { entry in
            guard let address = entry?.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                return nil
            }
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            let isText = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                inet_ntop(AF_INET, &address.pointee.sin_addr, &text, socklen_t(text.count)) != nil
            }
            let found = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let isPrivate = IPAddress(found).map { found in IPNetwork.privateNetworks.contains { $0.contains(found) } }
            return isText && isPrivate == true ? found : nil
        }
    }
}
