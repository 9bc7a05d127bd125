import Glibc
import Lifecycle
import Synchronization

/// A real HTTP server on the loopback whose answers are scripted: for what a real store cannot be made to do on command,
/// such as answering 503, cutting a connection in the middle of an answer, or saying nothing.
public final class ScriptedHTTPServer: Sendable {
    /// A request as it came in.
    public struct Request: Sendable {
        /// The method.
        public var method = ""
        /// The path with its query.
        public var target = ""
        /// The headers, names in lower case.
        public var headers: [String: String] = [:]
        /// The body.
        public var body: [UInt8] = []
        /// Which connection it came by, counted from 1.
        public var connection = 0
        /// Which request it is of all, counted from 1.
        public var number = 0

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
        /// The lines of the body.
        public var lines: [Substring] { text.split(separator: "\n") }
    }

    /// What the server does with a request.
    public indirect enum Reply: Sendable {
        /// A whole answer; the connection is kept.
        case answer(_ status: Int, headers: [String] = [], body: String = "")
        /// Exactly these bytes, and then the end of the connection.
        case cut(after: String)
        /// No answer until the server stops.
        case silence
        /// The answer after a while.
        case late(milliseconds: Int, Reply)
    }

    private struct State {
        var requests: [Request] = []
        var connections: [Int32] = []
        var threads: [DedicatedThread] = []
    }

    /// The port on 127.0.0.1.
    public let port: UInt16
    private let listener: Int32
    private let stopSignal = StopSignal()
    private let state = Mutex(State())
    private let script: @Sendable (Request) -> Reply

    /// Starts to listen on a free port, or on `port`.
    public init(port: UInt16 = 0, script: @escaping @Sendable (Request) -> Reply) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) != 0 || listen(listener, 64) != 0
                    || getsockname(listener, pointer, &length) != 0
            }
        }
        guard !failed else {
            let code = errno
            close(listener)
            throw ListenError(code: code)
        }
        self.script = script
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        let thread = DedicatedThread { [self] in acceptConnections() }
        state.withLock { $0.threads.append(thread) }
    }

    /// The port could not be had.
    public struct ListenError: Error {
        /// The errno.
        public let code: Int32
    }

    /// The server as the front of a URL.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// All requests so far whose body was read, in the order of their arrival.
    public var requests: [Request] { state.withLock(\.requests) }

    /// Ends every connection and every thread. Has to be called: the threads hold the server.
    public func stop() {
        stopSignal.stop()
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
        while let thread = state.withLock({ $0.threads.popLast() }) { thread.join() }
        close(listener)
    }

    private func acceptConnections() {
        var count = 0
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            count += 1
            let number = count
            // Under the lock, so that `stop` either sees the connection or has been seen here.
            state.withLock { state in
                guard !stopSignal.isStopped else {
                    close(connection)
                    return
                }
                state.connections.append(connection)
                state.threads.append(DedicatedThread { [self] in serve(connection, number: number) })
            }
        }
    }

    private func serve(_ connection: Int32, number: Int) {
        var input: [UInt8] = []
        while var request = readRequest(connection, &input) {
            request.connection = number
            request = state.withLock { state in
                request.number = state.requests.count + 1
                state.requests.append(request)
                return request
            }
            guard answer(connection, script(request)) else { break }
        }
        state.withLock { state in
            state.connections.removeAll { $0 == connection }
            close(connection)
        }
    }

    /// - Returns: whether the connection is kept.
    private func answer(_ connection: Int32, _ reply: Reply) -> Bool {
        switch reply {
        case .answer(let status, let headers, let body):
            let lines = ["HTTP/1.1 \(status) Scripted", "Content-Length: \(body.utf8.count)"] + headers
            return send(connection, lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        case .cut(let text):
            _ = send(connection, text)
            return false
        case .silence:
            stopSignal.wait(milliseconds: -1)
            return false
        case .late(let milliseconds, let reply):
            return !stopSignal.wait(milliseconds: milliseconds) && answer(connection, reply)
        }
    }

    private func send(_ connection: Int32, _ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            bytes.removeFirst(count)
        }
        return true
    }

    /// Reads one request; nil at the end of the connection. What follows it stays in `input`.
    private func readRequest(_ connection: Int32, _ input: inout [UInt8]) -> Request? {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        var headEnd: Int?
        var bodyBytes = 0
        var request = Request()
        while true {
            if headEnd == nil, let end = Self.endOfHead(input) {
                headEnd = end
                let lines = String(decoding: input[..<end], as: UTF8.self).split(separator: "\r\n")
                let words = lines[0].split(separator: " ")
                (request.method, request.target) = (String(words[0]), words.count > 1 ? String(words[1]) : "")
                for line in lines.dropFirst() {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    let value = line[line.index(after: colon)...].drop { $0 == " " }
                    request.headers[line[..<colon].lowercased()] = String(value)
                }
                bodyBytes = request.headers["content-length"].flatMap(Int.init) ?? 0
            }
            if let headEnd, input.count >= headEnd + bodyBytes {
                request.body = Array(input[headEnd..<headEnd + bodyBytes])
                input.removeFirst(headEnd + bodyBytes)
                return request
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            input += chunk[..<count]
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let mark = Array("\r\n\r\n".utf8)
        return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual(mark) }.map { $0 + 4 }
    }
}
