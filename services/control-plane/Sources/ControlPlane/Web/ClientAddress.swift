import HTTPServer
import Networks

/// The other end of a connection, as it is counted and judged.
struct ClientAddress: Sendable, Hashable {
    /// For people: the address in numbers, or the process.
    let text: String
    /// nil for a process of this machine.
    private let address: IPAddress?

    init(_ peer: Peer) {
        guard case .network(let text, _) = peer else {
            (text, address) = (peer.description, nil)
            return
        }
        // A socket for both versions of IP names IPv4 clients as `::ffff:192.0.2.1`; a local address has its interface.
        var plain = text.prefix { $0 != "%" }
        if plain.lowercased().hasPrefix("::ffff:"), plain.contains(".") { plain = plain.dropFirst("::ffff:".count) }
        self.text = String(plain)
        address = IPAddress(String(plain))
    }

    /// Whether it is this machine, or in one of the networks.
    func isIn(_ networks: [IPNetwork]) -> Bool {
        guard let address else { return true }
        return (Self.loopback + networks).contains { $0.contains(address) }
    }

    /// What counts as one client: an address, of IPv6 the network of 64 bits, of which one client has all addresses.
    var client: String {
        guard let address, !address.isIPv4 else { return text }
        return "network \(address.high)"
    }

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap(IPNetwork.init)
}
