/// A network of IPv4 or IPv6 addresses.
public struct IPNetwork: CustomStringConvertible, Sendable {
    /// The network as it was written.
    public let description: String

    /// The address that was written, with the bits of the host.
    public let address: IPAddress
    /// How many bits all addresses of the network have in common: 0 to 32, or to 128 for IPv6.
    public let prefixLength: Int
    @usableFromInline let highMask: UInt64
    @usableFromInline let lowMask: UInt64

    /// Reads a network in CIDR notation, such as `10.0.0.0/8` or `fc00::/7`, or a single address; nil for any other text.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        let width = address.isIPv4 ? 32 : 128
        guard let length = parts.count == 2 ? Int(parts[1]) : width, 0...width ~= length else { return nil }
        let prefix = length + 128 - width
        description = text
        self.address = address
        prefixLength = length
        highMask = Self.mask(bits: min(64, prefix))
        lowMask = Self.mask(bits: max(0, prefix - 64))
    }

    /// What a host on the Internet can't have: private, link-local and loopback addresses.
    public static let privateNetworks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10",
        "::1/128",
    ].compactMap(IPNetwork.init)

    /// Whether the address lies in the network; one of the other version of IP never does.
    @inlinable public func contains(_ other: IPAddress) -> Bool {
        address.isIPv4 == other.isIPv4 && (address.high ^ other.high) & highMask == 0
            && (address.low ^ other.low) & lowMask == 0
    }

    private static func mask(bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 - bits) }
}
