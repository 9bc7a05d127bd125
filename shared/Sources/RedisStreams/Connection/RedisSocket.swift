import Glibc
import Sockets

/// One TCP connection that never blocks, plain or with TLS. Closed when it goes away.
final class RedisSocket {
    /// What an attempt to read or write came to.
    enum Progress: Equatable {
        /// So many bytes went through.
        case moved(Int)
        /// Nothing now; try again when the descriptor is ready for these `poll` events.
        case wouldBlock(events: Int16)
        /// The other side has closed.
        case closed
    }

    let descriptor: Int32
    private var tls: TLSSession?

    /// Connects, with a TLS handshake if the options ask for it.
    /// - Parameter poll: polls a descriptor for up to so many milliseconds, nil for all that is left of the deadline of the
    ///   whole; false when that has passed.
    init(
        _ options: RedisOptions,
        poll: (_ descriptor: Int32, _ events: Int16, _ milliseconds: Int?) throws(RedisError) -> Bool
    ) throws(RedisError) {
        func wait(_ descriptor: Int32, _ events: Int16) throws(RedisError) -> Bool {
            try poll(descriptor, events, nil)
        }
        let addresses = try AddressLookUp.addresses(host: options.host, port: options.port) {
            descriptor throws(RedisError) in try wait(descriptor, Int16(POLLIN))
        }
        var failure = RedisError(.connection, "no address")
        var connected: (descriptor: Int32, address: SocketAddress)?
        for address in addresses {
            do throws(RedisError) {
                connected = (try Self.connect(to: address, wait: wait), address)
                break
            } catch {
                guard error.code == .connection else { throw error }
                failure = error
            }
        }
        guard let connected else { throw failure }
        descriptor = connected.descriptor
        guard options.usesTLS else { return }
        let session = try TLSSession(options, descriptor: descriptor)
        while case .wouldBlock(let events) = try session.handshake() {
            if try poll(descriptor, events, Self.handshakeSilenceMilliseconds) { continue }
            // Redis without TLS waits for the end of a line that never comes.
            if try Self.speaksPlainly(connected.address, poll) { throw TLSSession.plainServer }
            guard try wait(descriptor, events) else { throw RedisError(.timeout, "no end of the TLS handshake") }
        }
        tls = session
    }

    /// How long a server may be silent in the handshake before it is asked whether it has TLS at all.
    private static let handshakeSilenceMilliseconds = 1_000

    /// Whether the server answers a command that is sent without TLS; on a connection of its own, as the answer to a
    /// slow server must not be spoiled.
    private static func speaksPlainly(
        _ address: SocketAddress,
        _ poll: (_ descriptor: Int32, _ events: Int16, _ milliseconds: Int?) throws(RedisError) -> Bool
    ) throws(RedisError) -> Bool {
        func wait(_ descriptor: Int32, _ events: Int16) throws(RedisError) -> Bool {
            try poll(descriptor, events, handshakeSilenceMilliseconds)
        }
        let descriptor = try connect(to: address, wait: wait)
        defer { close(descriptor) }
        let question = Array("PING\r\n".utf8)
        guard send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) == question.count,
            try wait(descriptor, Int16(POLLIN))
        else { return false }
        var first: UInt8 = 0
        // `+PONG`, or an error that begins with `-`; a TLS alert begins with 21.
        return recv(descriptor, &first, 1, 0) == 1 && "+-".utf8.contains(first)
    }

    deinit {
        tls = nil
        close(descriptor)
    }

    private static func connect(
        to address: SocketAddress, wait: (Int32, Int16) throws(RedisError) -> Bool
    ) throws(RedisError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw systemError("socket", errno) }
        do throws(RedisError) {
            let result = address.withPointer { Glibc.connect(descriptor, $0, $1) }
            if result != 0 {
                let code = errno
                guard code == EINPROGRESS else { throw systemError("connect", code) }
                guard try wait(descriptor, Int16(POLLOUT)) else { throw RedisError(.timeout, "no answer to connect") }
                var outcome: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &size)
                guard outcome == 0 else { throw systemError("connect", outcome) }
            }
            // Commands are small and answered one by one; keep-alive finds a peer that vanished without a word.
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Reads what is there into `buffer`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(RedisError) -> Progress {
        if let tls { return try tls.read(into: buffer) }
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .moved(count) }
            if count == 0 { return .closed }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock(events: Int16(POLLIN))
            case let code: throw Self.systemError("read", code)
            }
        }
    }

    /// Writes as much as goes now. With TLS only the first chunk is tried.
    func write(_ chunks: [UnsafeRawBufferPointer]) throws(RedisError) -> Progress {
        if let tls, let chunk = chunks.first { return try tls.write(chunk) }
        var vectors = chunks.map { chunk in
            iovec(iov_base: UnsafeMutableRawPointer(mutating: chunk.baseAddress), iov_len: chunk.count)
        }
        while true {
            let count = vectors.withUnsafeMutableBufferPointer { vectors in
                var message = msghdr()
                message.msg_iov = vectors.baseAddress
                message.msg_iovlen = vectors.count
                // sendmsg instead of writev: a connection that has gone must not raise SIGPIPE.
                return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .moved(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock(events: Int16(POLLOUT))
            case let code: throw Self.systemError("write", code)
            }
        }
    }

    private static func systemError(_ call: String, _ code: Int32) -> RedisError {
        RedisError(.connection, "\(call): \(String(cString: strerror(code)))")
    }
}
