import Glibc
import ServiceTesting
import Sockets
import Testing

@Suite("Addresses of sockets")
struct SocketAddressTests {
    @Test("An address in numbers is its own, in both families", arguments: [("127.0.0.1", AF_INET), ("::1", AF_INET6)])
    func numbers(host: String, family: Int32) throws {
        let addresses = try SocketAddress.lookUp(host: host, port: 6379, for: .connectingByNumber)
        #expect(addresses.map(\.family) == [family])
        let given = addresses[0].withPointer { address, length in
            (Int32(address.pointee.sa_family), Int(length))
        }
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        #expect(given.0 == family && given.1 == size)
    }

    @Test("A name is none in numbers, and what the system says of it is kept")
    func name() throws {
        #expect(!(try SocketAddress.lookUp(host: "localhost", port: 80)).isEmpty)
        let error = thrown(SocketAddressError.self) {
            try SocketAddress.lookUp(host: "localhost", port: 80, for: .connectingByNumber)
        }
        #expect(error?.reason.isEmpty == false)
    }

    @Test("One that is listened on can be connected to")
    func listen() throws {
        let address = try #require(try SocketAddress.lookUp(host: "127.0.0.1", port: 0, for: .listening).first)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(address.withPointer { bind(descriptor, $0, $1) } == 0)
    }
}
