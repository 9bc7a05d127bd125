public import Glibc

/// An address that a stream socket can connect to or listen on.
public struct SocketAddress: Sendable {
    /// What an address is wanted for.
    public enum Use: Sendable {
        /// To connect to the host.
        case connecting
        /// To connect to a host that is named by its address; asks no name server.
        case connectingByNumber
        /// To listen on it.
        case listening

        fileprivate var flags: Int32 {
            switch self {
            case .connecting: 0
            case .connectingByNumber: AI_NUMERICHOST
            case .listening: AI_PASSIVE
            }
        }
    }

    /// The family, as `socket` takes it.
    public let family: Int32
    /// A `sockaddr` of that family.
    private let bytes: [UInt8]

    /// The addresses of a host, at least one, in the order that the system prefers.
    ///
    /// May ask a name server, which blocks: the system's resolver knows neither deadline nor stop.
    /// - Throws: ``SocketAddressError``: the host has none.
    public static func lookUp(
        host: String, port: Int, for use: Use = .connecting
    ) throws(SocketAddressError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = use.flags | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw SocketAddressError(reason: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next?.pointee {
            let bytes = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append(SocketAddress(family: info.ai_family, bytes: Array(bytes)))
            next = info.ai_next
        }
        return addresses
    }

    /// Lends the address to a call of the system, such as `connect` or `bind`.
    public func withPointer<Result>(_ use: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                // The system gave it, so it is not empty.
                use(address.baseAddress!, socklen_t(bytes.count))
            }
        }
    }

    /// The address as people write it, without the port.
    public var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { buffer in
            // It fails only for families that `getaddrinfo` does not give.
            let code = withPointer {
                getnameinfo($0, $1, buffer.baseAddress, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
            }
            return code == 0 ? buffer.baseAddress.map { String(cString: $0) } ?? "" : ""
        }
    }
}
