import Glibc
import Sockets

/// A bound and listening socket; owns its descriptor and, in the file system, its file.
///
/// The socket is our own and not libwebsockets', because that library neither says why an address cannot be bound nor
/// which port the system chose.
final class ListeningSocket: Sendable {
    let descriptor: Int32
    /// nil for a socket in the file system.
    let port: Int?
    private let path: String?

    var isInFileSystem: Bool { path != nil }

    init(_ address: Listener.Address) throws(HTTPServerError) {
        switch address {
        case .network(let bind, let port):
            descriptor = try Self.networkSocket(bind, port)
            self.port = Self.boundPort(descriptor) ?? port
            path = nil
        case .file(let path, let mode):
            descriptor = try Self.fileSocket(path, mode)
            port = nil
            self.path = path
        }
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    private static let connectionsWaitingMax: Int32 = 64

    private static func openSocket(_ family: Int32) -> Int32 {
        socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    }

    private static func networkSocket(_ address: String, _ port: Int) throws(HTTPServerError) -> Int32 {
        let target: SocketAddress
        do throws(SocketAddressError) {
            target = try SocketAddress.lookUp(host: address, port: port, for: .listening)[0]
        } catch {
            throw HTTPServerError(
                code: .addressNotHere, description: "\(address) is no address to listen on: \(error.reason)",
                cause: error)
        }
        let descriptor = openSocket(target.family)
        guard descriptor >= 0 else { throw HTTPServerError(errno, address, port) }
        // A restarted service must not wait until the system has forgotten its predecessor's connections.
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout.size(ofValue: one)))
        guard target.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0,
            listen(descriptor, connectionsWaitingMax) == 0
        else {
            let code = errno
            close(descriptor)
            throw HTTPServerError(code, address, port)
        }
        return descriptor
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

    private static func fileSocket(_ path: String, _ mode: UInt32) throws(HTTPServerError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let isLongEnough = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard !bytes.isEmpty, bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard isLongEnough else {
            throw HTTPServerError(code: .addressNotHere, description: "\(path) is no path for a socket: it is too long")
        }
        let descriptor = openSocket(AF_UNIX)
        guard descriptor >= 0 else { throw HTTPServerError(errno, path: path) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let length = socklen_t(MemoryLayout<sockaddr_un>.size)
                var code = Glibc.bind(descriptor, address, length) == 0 ? 0 : errno
                if code == EADDRINUSE, isLeftBehind(address, length) {
                    unlink(path)
                    code = Glibc.bind(descriptor, address, length) == 0 ? 0 : errno
                }
                return code
            }
        }
        // Nobody can connect before it listens, so the permissions that it has until here let nobody in.
        guard code == 0, chmod(path, mode_t(mode)) == 0, listen(descriptor, connectionsWaitingMax) == 0 else {
            let reason = code == 0 ? errno : code
            close(descriptor)
            throw HTTPServerError(reason, path: path)
        }
        return descriptor
    }

    /// Whether nothing answers at a socket in the file system.
    private static func isLeftBehind(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
        let probe = openSocket(AF_UNIX)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        return connect(probe, address, length) != 0 && errno == ECONNREFUSED
    }
}

extension HTTPServerError {
    fileprivate init(_ errno: Int32, _ address: String, _ port: Int) {
        switch errno {
        case EADDRINUSE: self.init(code: .addressInUse, description: "port \(port) on \(address) is in use")
        case EADDRNOTAVAIL:
            self.init(code: .addressNotHere, description: "\(address) is no address of this machine")
        case EACCES:
            self.init(code: .notPermitted, description: "port \(port) may only be used by a privileged process")
        default:
            let reason = String(cString: strerror(errno))
            self.init(code: .system, description: "port \(port) on \(address) cannot be opened: \(reason)")
        }
    }

    fileprivate init(_ errno: Int32, path: String) {
        switch errno {
        case EADDRINUSE: self.init(code: .addressInUse, description: "the socket \(path) is in use")
        case EACCES, EPERM, EROFS:
            self.init(code: .notPermitted, description: "the socket \(path) may not be made here")
        case ENOENT, ENOTDIR:
            self.init(code: .addressNotHere, description: "there is no folder for the socket \(path)")
        default:
            let reason = String(cString: strerror(errno))
            self.init(code: .system, description: "the socket \(path) cannot be opened: \(reason)")
        }
    }
}
