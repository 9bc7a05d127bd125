import Glibc
import Lifecycle

/// A server that plays a part: for what a real Redis does not do on command. One connection at a time; each command
/// gets what the script says, as bytes.
final class ScriptedServer: Sendable {
    enum Act: Sendable {
        /// These bytes.
        case reply(String)
        /// The end of the connection, after these bytes.
        case close(after: String)
        /// Nothing.
        case silence
    }

    let port: Int
    private let listener: Int32
    private let thread: DedicatedThread

    /// - Parameter script: gets the words of a command (in upper case the first) and its number of all.
    init(_ script: @escaping @Sendable (_ words: [String], _ number: Int) -> Act) throws {
        struct NoListener: Error {}
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 4) == 0
                    ? getsockname(listener, address, &size) : -1
            }
        }
        guard result == 0 else { throw NoListener() }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        thread = DedicatedThread { Self.serve(listener, script) }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        thread.join()
        close(listener)
    }

    private static func serve(_ listener: Int32, _ script: ([String], Int) -> Act) {
        var number = 0
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            defer { close(connection) }
            // A client that has gone away must not hold the thread for ever.
            var timeout = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
            guard let stream = fdopen(dup(connection), "r") else { continue }
            defer { fclose(stream) }
            conversation: while let words = command(from: stream) {
                number += 1
                switch script(words, number) {
                case .reply(let text): send(text, to: connection)
                case .silence: continue
                case .close(let text):
                    send(text, to: connection)
                    break conversation
                }
            }
        }
    }

    private static func send(_ text: String, to connection: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func command(from stream: UnsafeMutablePointer<FILE>) -> [String]? {
        guard let count = number(after: "*", from: stream) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = number(after: "$", from: stream) else { return nil }
            var bytes = [UInt8](repeating: 0, count: length + 2)
            guard fread(&bytes, 1, bytes.count, stream) == bytes.count else { return nil }
            words.append(String(decoding: bytes.dropLast(2), as: UTF8.self))
        }
        return words
    }

    private static func number(after mark: Character, from stream: UnsafeMutablePointer<FILE>) -> Int? {
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), stream) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 && $0 != 13 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.first == mark ? Int(text.dropFirst()) : nil
    }
}
