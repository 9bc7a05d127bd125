import HTTPServer
import Networks

/// The other end of a connection, as it is counted and judged.
struct ClientAddress: Sendable, Hashable {
    /// For people: the address in numbers, or the process.
    let text: String
    private let isProcess: Bool
    /// nil for a process of this machine, and for what is no address.
    private let address: IPAddress?

    init(_ peer: Peer) {
        guard case .network(let text, _) = peer else {
            (text, isProcess, address) = (peer.description, true, nil)
            return
        }
        // A socket for both versions of IP names IPv4 clients as `::ffff:192.0.2.1`; a local address has its interface.
        var plain = text.prefix { $0 != "%" }
        if plain.lowercased().hasPrefix("::ffff:"), plain.contains(".") { plain = plain.dropFirst("::ffff:".count) }
        (self.text, isProcess) = (String(plain), false)
        address = IPAddress(String(plain))
    }

    /// Whether it is this machine, or in one of the networks.
    func isIn(_ networks: [IPNetwork]) -> Bool {
        guard let address else { return isProcess }
        return (Self.loopback + networks).contains { $0.contains(address) }
    }

    /// What counts as one client: an address, of IPv6 the network of 64 bits, of which one client has all addresses.
    var client: String {
        guard let address, !address.isIPv4 else { return text }
        return "network \(address.high)"
    }

    /// What counts as the place from which an account was entered: as ``client``, but in a private network of IPv6 each address,
    /// because there others have theirs in the same 64 bits.
    var place: String {
        guard let address, IPNetwork.privateNetworks.contains(where: { $0.contains(address) }) else { return client }
        return text
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap(IPNetwork.init)
}
