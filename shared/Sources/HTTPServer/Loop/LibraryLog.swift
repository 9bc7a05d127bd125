import CWebSockets
import Synchronization

/// The destination of libwebsockets' own log, of which there is one for the whole process.
enum LibraryLog {
    fileprivate static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

    static func send(to log: @escaping @Sendable (String) -> Void) {
        sink.withLock { $0 = log }
        lws_set_log_level(Int32(LLL_ERR), writeLine)
    }
}

/// A function and not a closure: what the C library calls must not be isolated to an actor.
private func writeLine(_ level: Int32, _ text: UnsafePointer<CChar>?) {
    guard let text, let log = LibraryLog.sink.withLock({ $0 }) else { return }
    var line = String(cString: text)
    while line.last?.isWhitespace == true { line.removeLast() }
    log(line)
}
