import Lifecycle
import Sockets
import Synchronization

/// Looks a host name up on a thread of its own, because the system's resolver knows neither deadline nor stop signal.
enum AddressLookUp {
    /// What the thread leaves behind; it may outlive the one who asked.
    private final class Answer: Sendable {
        let result = Mutex<Result<[SocketAddress], SocketAddressError>?>(nil)
        let arrived = StopSignal()
    }

    /// The addresses of a host, in the order that the system prefers.
    static func addresses(
        host: String, port: Int, wait: (_ descriptor: Int32) throws(RedisError) -> Bool
    ) throws(RedisError) -> [SocketAddress] {
        // An address in numbers needs no name server and so no thread.
        if let numeric = try? SocketAddress.lookUp(host: host, port: port, for: .connectingByNumber) { return numeric }
        let answer = Answer()
        _ = DedicatedThread {
            let found = Result { () throws(SocketAddressError) in try SocketAddress.lookUp(host: host, port: port) }
            answer.result.withLock { $0 = found }
            answer.arrived.stop()
        }
        guard try wait(answer.arrived.fileDescriptor), let result = answer.result.withLock({ $0 }) else {
            throw RedisError(.timeout, "the name server did not answer for \(host)")
        }
        do throws(SocketAddressError) {
            return try result.get()
        } catch {
            throw RedisError(.connection, "no address for \(host): \(error.reason)", cause: error)
        }
    }
}
