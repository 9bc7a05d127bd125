/// A set of networks in CIDR notation.
struct NetworkSet: Sendable {
    private struct Network {
        var address: IPAddress
        var highMask: UInt64
        var lowMask: UInt64
    }

    /// What a host on the Internet can't have: private, link-local and loopback addresses.
    static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10",
        "::1/128",
    ]

    private var networks: [Network] = []

    /// A set of networks such as `10.0.0.0/8`, `fc00::/7`, or single addresses.
    /// - Throws: the first text that is no network.
    init(_ texts: [String]) throws(InvalidNetwork) {
        for text in texts {
            guard let network = Self.network(text) else { throw InvalidNetwork(text: text) }
            networks.append(network)
        }
    }

    /// Whether the address lies in one of the networks.
    func contains(_ address: IPAddress) -> Bool {
        networks.contains { network in
            network.address.isIPv4 == address.isIPv4 && (address.high ^ network.address.high) & network.highMask == 0
                && (address.low ^ network.address.low) & network.lowMask == 0
        }
    }

    private static func network(_ text: String) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var bytes = Array(parts[0].utf8)
        bytes.append(0)
        let parsed = bytes.withUnsafeBytes { IPAddress(EncodedText(UnsafeRawBufferPointer(rebasing: $0.dropLast()))) }
        guard let address = parsed else { return nil }
        let width = address.isIPv4 ? 32 : 128
        guard let length = parts.count == 2 ? Int(parts[1]) : width, 0...width ~= length else { return nil }
        let prefix = length + 128 - width
        return Network(
            address: address, highMask: mask(bits: min(64, prefix)), lowMask: mask(bits: max(0, prefix - 64)))
    }

    private static func mask(bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }
}

/// A text that should name a network and does not.
public struct InvalidNetwork: Error, CustomStringConvertible {
    /// What was given.
    public let text: String

    /// What was given, and what is wanted.
    public var description: String { "\(text) is no network such as 192.168.0.0/16 or fd00::/8" }
}
