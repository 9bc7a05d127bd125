import Glibc

/// The other end of a connection.
public enum Peer: Sendable, Hashable, CustomStringConvertible {
    /// A client over the network: its address in numbers, and its port.
    case network(address: String, port: Int)
    /// A process of this machine, as reported by the kernel: it cannot be forged.
    case process(userID: UInt32, groupID: UInt32, processID: Int32)

    /// For logs.
    public var description: String {
        switch self {
        case .network(let address, let port): address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        case .process(let userID, _, let processID): "process \(processID) of user \(userID)"
        }
    }

    /// - Returns: nil when the client has already gone.
    init?(connectedTo descriptor: Int32, overUnixSocket: Bool) {
        if overUnixSocket {
            var credentials = PeerCredentials()
            var length = socklen_t(MemoryLayout<PeerCredentials>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
            self = .process(
                userID: credentials.userID, groupID: credentials.groupID, processID: credentials.processID)
            return
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let isKnown = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getpeername(descriptor, address, &length) == 0
                    && getnameinfo(
                        address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                        NI_NUMERICHOST | NI_NUMERICSERV) == 0
            }
        }
        guard isKnown else { return nil }
        self = .network(address: Self.text(host), port: Int(Self.text(service)) ?? 0)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// `struct ucred`, which Glibc's headers show only to programs that ask for GNU's extensions.
private struct PeerCredentials {
    var processID: Int32 = 0
    var userID: UInt32 = 0
    var groupID: UInt32 = 0
}
