import Glibc
import Lifecycle
import Synchronization

/// Looks host names up on a thread of their own, because `getaddrinfo` knows neither deadline nor stop signal.
enum HostResolver {
    /// One address that a socket can connect to.
    struct Address: Sendable {
        var family: Int32
        /// A `sockaddr` of that family.
        var bytes: [UInt8]
    }

    /// What the thread leaves behind; it may outlive the one who asked.
    private final class Answer: Sendable {
        let state = Mutex<(addresses: [Address], error: String)?>(nil)
        let arrived = StopSignal()
    }

    /// The addresses of a host, in the order that the system prefers.
    static func addresses(
        host: String, port: Int, wait: (_ descriptor: Int32) throws(RedisError) -> Bool
    ) throws(RedisError) -> [Address] {
        let answer = Answer()
        // A numeric address needs no name server and so no thread.
        let numeric = lookUp(host: host, port: port, flags: AI_NUMERICHOST)
        if !numeric.addresses.isEmpty { return numeric.addresses }
        _ = DedicatedThread {
            let found = lookUp(host: host, port: port, flags: 0)
            answer.state.withLock { $0 = found }
            answer.arrived.stop()
        }
        guard try wait(answer.arrived.fileDescriptor), let found = answer.state.withLock({ $0 }) else {
            throw RedisError(.timeout, "the name server did not answer for \(host)")
        }
        guard !found.addresses.isEmpty else {
            throw RedisError(.connection, "no address for \(host): \(found.error)")
        }
        return found.addresses
    }

    private static func lookUp(host: String, port: Int, flags: Int32) -> (addresses: [Address], error: String) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { return ([], String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [Address] = []
        var next = list
        while let info = next?.pointee {
            let bytes = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append(Address(family: info.ai_family, bytes: Array(bytes)))
            next = info.ai_next
        }
        return (addresses, "")
    }
}
