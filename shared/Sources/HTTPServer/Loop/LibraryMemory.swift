import CWebSockets
import Glibc

/// A C function that the library calls.
typealias LibraryCallback =
    @convention(c) (
        OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int
    ) -> Int32

/// Memory that must live as long as the library runs, because it copies little of what it is given.
final class LibraryMemory {
    private var texts: [UnsafeMutablePointer<CChar>] = []
    private var tables: [UnsafeMutablePointer<lws_protocols>] = []
    private var rules: [UnsafeMutablePointer<lws_retry_bo_t>] = []

    deinit {
        for text in texts { text.deallocate() }
        for table in tables { table.deallocate() }
        for rule in rules { rule.deallocate() }
    }

    func text(_ text: String) -> UnsafePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        texts.append(copy)
        return UnsafePointer(copy)
    }

    /// A table of protocols, terminated by an empty entry.
    ///
    /// - Parameter names: subprotocols of WebSockets; the first entry is for everything else.
    func protocolTable(
        _ names: [String], _ callback: LibraryCallback
    ) -> UnsafePointer<lws_protocols> {
        let names = ["http"] + names
        let table = UnsafeMutablePointer<lws_protocols>.allocate(capacity: names.count + 1)
        table.initialize(repeating: lws_protocols(), count: names.count + 1)
        tables.append(table)
        for (index, name) in names.enumerated() {
            table[index].name = text(name)
            table[index].callback = callback
            table[index].tx_packet_size = HTTPLoop.chunkBytes
        }
        return UnsafePointer(table)
    }

    /// After so much silence a WebSocket is sent a ping, and ended when it stays silent for half as long again.
    func silenceRule(seconds: Int) -> UnsafePointer<lws_retry_bo_t> {
        let rule = UnsafeMutablePointer<lws_retry_bo_t>.allocate(capacity: 1)
        rule.initialize(to: lws_retry_bo_t())
        rules.append(rule)
        let seconds = min(max(2, seconds), 40_000)
        rule.pointee.secs_since_valid_ping = UInt16(seconds)
        rule.pointee.secs_since_valid_hangup = UInt16(seconds + seconds / 2)
        return UnsafePointer(rule)
    }
}
