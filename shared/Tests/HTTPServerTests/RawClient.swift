import Glibc
import Lifecycle

/// A TCP client that sends exactly what a test says, fast or slow.
final class RawClient {
    struct NoConnection: Error {
        let errno: Int32
    }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw NoConnection(errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// - Returns: whether the server took all of it.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Reads until the answer is enough, the server closes or the time is over.
    ///
    /// - Returns: what came, and whether the server has closed the connection.
    func receive(
        seconds: Int = 30, pauseMilliseconds: Int = 0, until isEnough: ((String) -> Bool)? = nil
    ) -> (text: String, isClosed: Bool) {
        let deadline = MonotonicClock.nanoseconds() + Int64(seconds) * 1_000_000_000
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while MonotonicClock.nanoseconds() < deadline {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 100) == 1 else { continue }
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), true) }
            bytes += chunk[..<count]
            if let isEnough, isEnough(String(decoding: bytes, as: UTF8.self)) { break }
            if pauseMilliseconds > 0 { poll(nil, 0, Int32(pauseMilliseconds)) }
        }
        return (String(decoding: bytes, as: UTF8.self), false)
    }

    /// Makes the kernel hold few bytes for this client, so that a slow one is slow for the server too.
    func shrinkReceiveBuffer() {
        var bytes: Int32 = 32 * 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout.size(ofValue: bytes)))
    }
}
