import Glibc
import Lifecycle
import Sockets

/// Asks a running service for its health, as the health check of a container that has no curl.
struct HealthCheck {
    private static let secondsMax = 5
    private static let answerBytesMax = 64 * 1024

    /// The address that the service is bound to.
    let bind: String
    let port: Int
    let path: String

    /// Why there is no answer, in words for people.
    struct NoAnswerError: Error {
        let reason: String
    }

    /// - Returns: whether the service answers with status 200, and its answer or the reason why there is none.
    func run() -> (isGood: Bool, text: String) {
        do throws(NoAnswerError) {
            let (status, body) = try answer()
            return (status == 200, String(body.prefix { $0 != "\n" }))
        } catch {
            return (false, "\(address) port \(port): \(error.reason)")
        }
    }

    func answer() throws(NoAnswerError) -> (status: Int, body: String) {
        let descriptor = try connectedSocket()
        defer { close(descriptor) }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(bind)\r\nConnection: close\r\n\r\n"
        _ = request.withCString { write(descriptor, $0, strlen($0)) }
        let bytes = readAnswer(descriptor)
        let words = bytes.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard words.count > 1, words[0].elementsEqual("HTTP/1.1".utf8),
            let status = Int(String(decoding: words[1], as: UTF8.self)),
            let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\r\n\r\n".utf8) })
        else { throw NoAnswerError(reason: "no answer of HTTP came within \(Self.secondsMax) s") }
        return (status, String(decoding: bytes[(end + 4)...], as: UTF8.self))
    }

    /// A server that is bound to all addresses is asked on the loopback.
    private var address: String {
        switch bind {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: bind
        }
    }

    private func connectedSocket() throws(NoAnswerError) -> Int32 {
        guard let target = try? SocketAddress.lookUp(host: address, port: port).first else {
            throw NoAnswerError(reason: "no such address")
        }
        let descriptor = socket(target.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // The send timeout also bounds the time for connecting.
        var time = timeval(tv_sec: Self.secondsMax, tv_usec: 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout.size(ofValue: time)))
        }
        guard target.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw NoAnswerError(reason: reason)
        }
        return descriptor
    }

    private func readAnswer(_ descriptor: Int32) -> [UInt8] {
        let deadline = Deadline.milliseconds(Self.secondsMax * 1_000)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < Self.answerBytesMax && !deadline.hasPassed {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
