import Glibc

/// A TCP port of the loopback that nobody listens on at this moment.
///
/// Another process may take it before the caller does; who starts a server with it tries again then.
public func freePort() throws -> Int {
    struct NoPortError: Error {}
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw NoPortError() }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, size) == 0 ? getsockname(descriptor, address, &size) : -1
        }
    }
    guard result == 0 else { throw NoPortError() }
    return Int(UInt16(bigEndian: address.sin_port))
}
