import Glibc

/// A bound and listening TCP socket; owns its descriptor.
///
/// The socket is our own and not libwebsockets', because that library neither says why an address cannot be bound nor
/// which port the system chose.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    let port: Int

    /// - Parameter port: 0 takes a free one.
    init(bind address: String, port: Int) throws(HTTPServerError) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address, String(port), &hints, &found)
        guard code == 0, let found else {
            let reason = String(cString: gai_strerror(code))
            throw HTTPServerError(
                code: .addressNotHere, description: "\(address) is no address to listen on: \(reason)")
        }
        defer { freeaddrinfo(found) }
        let target = found.pointee

        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socketDescriptor = socket(target.ai_family, type, 0)
        guard socketDescriptor >= 0 else { throw HTTPServerError(errno, address, port) }
        // A restarted service must not wait until the system has forgotten the connections of the last one.
        var one: Int32 = 1
        setsockopt(socketDescriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout.size(ofValue: one)))
        guard Glibc.bind(socketDescriptor, target.ai_addr, target.ai_addrlen) == 0, listen(socketDescriptor, 64) == 0
        else {
            let code = errno
            close(socketDescriptor)
            throw HTTPServerError(code, address, port)
        }
        descriptor = socketDescriptor
        self.port = Self.boundPort(socketDescriptor) ?? port
    }

    deinit {
        close(descriptor)
    }

    private static func boundPort(_ descriptor: Int32) -> Int? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout.size(ofValue: address))
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        // The port stands at the same place for both families.
        return code == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }
}

extension HTTPServerError {
    init(_ errno: Int32, _ address: String, _ port: Int) {
        switch errno {
        case EADDRINUSE: self.init(code: .portInUse, description: "port \(port) on \(address) is in use")
        case EADDRNOTAVAIL:
            self.init(code: .addressNotHere, description: "\(address) is no address of this machine")
        case EACCES:
            self.init(code: .notPermitted, description: "port \(port) may only be used by a privileged process")
        default:
            let reason = String(cString: strerror(errno))
            self.init(code: .system, description: "port \(port) on \(address) cannot be opened: \(reason)")
        }
    }
}
